"""The cluster bootstrap against a naive one that copies utterances of drawn speakers."""

import numpy as np
import pytest
import torch

from c2ser_lightning.metrics.functional import bootstrap_intervals
from c2ser_lightning.metrics.speakers import SpeakerMetrics, clustered_intervals


def made(speakers: int = 8, each: int = 30):
    random = np.random.default_rng(5)
    names, given, wanted = [], [], []
    for speaker in range(speakers):
        skill = random.random()
        for _ in range(each):
            reference = int(random.integers(3))
            names.append(f"toy/{speaker}")
            wanted.append(reference)
            given.append(reference if random.random() < skill else int(random.integers(4)))
    return names, given, wanted


def test_equals_a_naive_cluster_bootstrap():
    names, given, wanted = made()
    metric = SpeakerMetrics(3)
    metric.update(names[:100], torch.tensor(given[:100]), torch.tensor(wanted[:100]))
    metric.update(names[100:], torch.tensor(given[100:]), torch.tensor(wanted[100:]))
    scores = metric.compute()
    random = np.random.default_rng(9)
    by_speaker = [np.flatnonzero(np.array(names) == name) for name in sorted(set(names))]
    uas = []
    for _ in range(1000):
        rows = np.concatenate([by_speaker[number] for number in random.integers(0, 8, 8)])
        truth, answer = np.array(wanted)[rows], np.array(given)[rows]
        uas.append(np.mean([np.mean(answer[truth == emotion] == emotion) for emotion in range(3)]))
    assert scores.speakers == 8
    assert scores.ci95["ua"] == pytest.approx(np.quantile(uas, [0.025, 0.975]), abs=0.03)


def test_speakers_that_differ_widen_the_interval():
    names, given, wanted = made()
    metric = SpeakerMetrics(3)
    metric.update(names, torch.tensor(given), torch.tensor(wanted))
    counts = torch.zeros(3, 4, dtype=torch.long)
    for reference, answer in zip(wanted, given, strict=True):
        counts[reference, answer] += 1
    low, high = metric.compute().ci95["wa"]
    naive_low, naive_high = bootstrap_intervals(counts)["wa"]
    assert high - low > 1.5 * (naive_high - naive_low)


def test_the_order_of_utterances_changes_nothing():
    names, given, wanted = made()
    results = []
    for order in (list(range(240)), list(range(239, -1, -1))):
        metric = SpeakerMetrics(3)
        picked = [[values[i] for i in order] for values in (names, given, wanted)]
        metric.update(picked[0], torch.tensor(picked[1]), torch.tensor(picked[2]))
        results.append(metric.compute())
    assert results[0] == results[1]


def test_equal_speakers_have_no_spread_and_one_speaker_no_interval():
    same = torch.tensor([[3, 1, 0], [1, 3, 0]]).expand(5, 2, 3)
    assert clustered_intervals(same)["ua"] == pytest.approx((0.75, 0.75))
    metric = SpeakerMetrics(2)
    metric.update(["a", "a"], torch.tensor([0, 1]), torch.tensor([0, 0]))
    assert metric.compute() is None
