"""Recognition metrics against scikit-learn, and two processes against one."""

import numpy as np
import pytest
import torch
import torch.multiprocessing as mp
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score, precision_score, recall_score

from c2ser_lightning.emotions import EMOTIONS
from c2ser_lightning.metrics.recognition import UNPARSED, RecognitionMetrics
from tests.distributed import in_process_group

PAIRS = st.lists(st.tuples(st.integers(-1, 6), st.integers(0, 6)), min_size=1, max_size=60)


def scores(pairs, emotions=EMOTIONS):
    metrics = RecognitionMetrics(emotions)
    metrics.update(*map(torch.tensor, zip(*pairs, strict=True)))
    return metrics.compute()


@settings(max_examples=40, deadline=None)
@given(PAIRS)
def test_equals_scikit_learn_over_the_fixed_label_set(pairs):
    actual = scores(pairs)
    given_, wanted = ([pair[side] for pair in pairs] for side in (0, 1))
    labels = list(range(7))
    present = sorted(set(wanted))
    assert actual.wa == pytest.approx(accuracy_score(wanted, given_))
    recalls = recall_score(wanted, given_, labels=present, average=None, zero_division=0)
    assert actual.ua == pytest.approx(np.mean(recalls))
    assert actual.macro_f1 == pytest.approx(f1_score(wanted, given_, labels=labels, average="macro", zero_division=0))
    precisions = precision_score(wanted, given_, labels=labels, average=None, zero_division=0)
    assert [actual.per_class[name].precision for name in EMOTIONS] == pytest.approx(precisions)
    table = confusion_matrix(wanted, given_, labels=[*labels, -1])[:7]
    assert actual.confusion == table.tolist()
    assert actual.unparsed_rate == pytest.approx(given_.count(-1) / len(pairs))
    assert actual.chance_ua == pytest.approx(1 / len(present))


def test_unparsed_answers_are_wrong_but_nobodys_false_positive():
    actual = scores([(0, 0), (UNPARSED, 0), (UNPARSED, 1), (1, 1)])
    assert (actual.wa, actual.ua, actual.n, actual.unparsed_rate) == (0.5, 0.5, 4, 0.5)
    assert actual.per_class["anger"].precision == 1.0


def test_predictions_outside_the_label_set_are_unparsed_and_such_references_ignored():
    actual = scores([(0, 0), (6, 0), (0, 6), (0, -1)], emotions=("anger", "happiness"))
    assert (actual.n, actual.wa, actual.unparsed_rate, actual.ignored) == (2, 0.5, 0.5, 2)


def test_a_class_without_references_has_no_recall_and_does_not_lower_ua():
    actual = scores([(0, 0), (1, 1)])
    assert actual.ua == 1.0
    assert np.isnan(actual.per_class["fear"].recall)
    assert actual.macro_f1 == pytest.approx(2 / 7)


def test_batches_add_up_and_reset_forgets():
    pairs = [(number % 8 - 1, number % 7) for number in range(40)]
    metrics = RecognitionMetrics(EMOTIONS)
    for start in range(0, 40, 9):
        metrics.update(*map(torch.tensor, zip(*pairs[start : start + 9], strict=True)))
    assert metrics.compute() == scores(pairs)
    metrics.reset()
    metrics.update(torch.tensor([0]), torch.tensor([0]))
    assert metrics.compute().n == 1


@pytest.mark.filterwarnings("ignore:The ``compute`` method:UserWarning")
def test_no_utterance_at_all_is_zero_not_nan():
    actual = RecognitionMetrics(EMOTIONS).compute()
    assert (actual.wa, actual.ua, actual.macro_f1, actual.n) == (0.0, 0.0, 0.0, 0)


def _count_on_rank(rank: int, port: int, shares: list[list[tuple[int, int]]], results) -> None:
    with in_process_group(rank, len(shares), port):
        metrics = RecognitionMetrics(EMOTIONS)
        if shares[rank]:
            metrics.update(*map(torch.tensor, zip(*shares[rank], strict=True)))
        computed = metrics.compute()
        results[rank] = (computed.confusion, computed.ua, computed.ci95, computed.ignored)


@pytest.mark.parametrize("sizes", [(7, 2), (9, 0)])
def test_two_processes_with_uneven_shares_equal_one(sizes, free_port):
    pairs = [(number % 5 - 1, number % 4) for number in range(8)] + [(0, -1)]
    with mp.Manager() as manager:
        results = manager.dict()
        shares = [pairs[: sizes[0]], pairs[sizes[0] :]]
        mp.start_processes(_count_on_rank, (free_port, shares, results), nprocs=2, start_method="spawn")
        shared = dict(results)
    alone = scores(pairs)
    assert shared[0] == shared[1] == (alone.confusion, alone.ua, alone.ci95, 1)
