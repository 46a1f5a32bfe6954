"""Scores over folds against a plain recount of the utterances behind them."""

import math

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, f1_score, recall_score

from tools.probing.fitting import Trial
from tools.probing.outcomes import FoldOutcome, Row

LABELS = ("a", "b", "c")
COUNTS = ([[8, 2, 0, 0], [1, 4, 0, 0], [3, 0, 2, 0]], [[5, 5, 0, 0], [0, 9, 1, 0], [1, 1, 8, 0]])


def outcome(name: str, counts: list[list[int]]) -> FoldOutcome:
    total = sum(map(sum, counts))
    trial = Trial(1e-3, 128, 0.5, 3)
    return FoldOutcome(name, counts, [trial], trial, {"train": 9, "validation": 3, "test": total}, total + 1)


def answers(counts: list[list[int]]) -> tuple[list[int], list[int]]:
    pairs = [(row, column) for row in range(3) for column in range(4) for _ in range(counts[row][column])]
    return [row for row, _ in pairs], [column for _, column in pairs]


def test_means_and_deviations_over_folds_agree_with_scikit_learn():
    row = Row("x", "fbank", LABELS, [outcome(str(n), counts) for n, counts in enumerate(COUNTS)])
    references = {
        "wa": [accuracy_score(*answers(counts)) for counts in COUNTS],
        "ua": [recall_score(*answers(counts), average="macro") for counts in COUNTS],
        "macro_f1": [f1_score(*answers(counts), average="macro") for counts in COUNTS],
    }
    for name, values in references.items():
        assert row.scores[name].mean == pytest.approx(np.mean(values))
        assert row.scores[name].sd == pytest.approx(np.std(values, ddof=1))
    recalls = [recall_score(*answers(counts), average=None) for counts in COUNTS]
    assert row.recall["b"] == pytest.approx((np.mean(recalls, 0)[1], np.std(recalls, 0, ddof=1)[1]))
    assert (row.used, row.listed) == (50, 52)


def test_the_interval_is_that_of_the_mean_over_folds_each_resampled_on_its_own():
    row = Row("x", "fbank", LABELS, [outcome(str(n), counts) for n, counts in enumerate(COUNTS)])
    generator = np.random.default_rng(5)
    means = []
    for _ in range(2000):
        drawn = []
        for counts in COUNTS:
            truth, given = map(np.asarray, answers(counts))
            chosen = generator.integers(len(truth), size=len(truth))
            drawn.append(np.mean(truth[chosen] == given[chosen]))
        means.append(np.mean(drawn))
    assert row.scores["wa"].interval == pytest.approx(np.quantile(means, [0.025, 0.975]), abs=0.02)


def test_one_fold_has_an_interval_but_no_deviation():
    row = Row("x", "fbank", LABELS, [outcome("only", COUNTS[0])])
    low, high = row.scores["ua"].interval
    assert row.scores["ua"].sd is None
    assert low < row.scores["ua"].mean < high


def test_a_label_that_a_fold_does_not_test_counts_in_the_others_alone():
    without = [[8, 2, 0, 0], [1, 4, 0, 0], [0, 0, 0, 0]]
    row = Row("x", "fbank", LABELS, [outcome("1", without), outcome("2", COUNTS[1])])
    assert row.recall["c"] == (pytest.approx(0.8), 0.0)
    assert not any(math.isnan(mean) for mean, _ in row.recall.values())


def test_outcomes_survive_being_written_down():
    from dataclasses import asdict

    made = outcome("1", COUNTS[0])
    assert FoldOutcome.from_dict(asdict(made)) == made
