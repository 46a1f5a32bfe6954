"""Metrics of confusion counts against scikit-learn, and their intervals against a bootstrap over utterances."""

import time

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import binom
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score, recall_score

from c2ser_lightning.metrics import functional

COUNTS = arrays(np.int64, (4, 5), elements=st.integers(0, 6)).filter(lambda counts: counts.sum() > 0)


def utterances(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Reference and predicted class of each utterance behind the counts; the last column is class -1."""
    rows, columns = np.indices(counts.shape)
    wanted, given_ = (np.repeat(side.ravel(), counts.ravel()) for side in (rows, columns))
    return wanted, np.where(given_ == counts.shape[0], -1, given_)


@settings(max_examples=60, deadline=None)
@given(COUNTS)
def test_scores_equal_scikit_learn(counts):
    wanted, given_ = utterances(counts)
    table = torch.from_numpy(counts)
    recalls = recall_score(wanted, given_, labels=np.unique(wanted), average="macro", zero_division=0)
    assert functional.weighted_accuracy(table).item() == pytest.approx(accuracy_score(wanted, given_))
    assert functional.unweighted_accuracy(table).item() == pytest.approx(recalls)
    f1 = f1_score(wanted, given_, labels=range(4), average="macro", zero_division=0)
    assert functional.macro_f1(table).item() == pytest.approx(f1)
    assert functional.unparsed_rate(table).item() == pytest.approx(np.mean(given_ == -1))


@settings(max_examples=20, deadline=None)
@given(st.lists(COUNTS, min_size=1, max_size=4))
def test_a_stack_of_tables_is_scored_table_by_table(stack):
    tables = torch.from_numpy(np.stack(stack))
    for metric in functional.METRICS.values():
        torch.testing.assert_close(metric(tables), torch.stack([metric(table) for table in tables]))


def test_a_class_that_nobody_names_and_no_reference_has_counts_as_zero_in_macro_f1_but_not_in_ua():
    counts = torch.tensor([[5, 0, 0, 0], [0, 5, 0, 0], [0, 0, 0, 0]])
    assert functional.macro_f1(counts).item() == pytest.approx(2 / 3)
    assert functional.unweighted_accuracy(counts).item() == 1.0


def test_intervals_equal_a_naive_bootstrap_over_utterances():
    generator = np.random.default_rng(0)
    wanted = generator.integers(0, 4, 300)
    given_ = np.where(generator.random(300) < 0.7, wanted, generator.integers(0, 4, 300))
    counts = torch.from_numpy(np.pad(confusion_matrix(wanted, given_), ((0, 0), (0, 1))))
    naive = {"wa": [], "ua": [], "macro_f1": []}
    for _ in range(1500):
        drawn = generator.integers(0, 300, 300)
        naive["wa"].append(accuracy_score(wanted[drawn], given_[drawn]))
        naive["ua"].append(recall_score(wanted[drawn], given_[drawn], average="macro"))
        naive["macro_f1"].append(f1_score(wanted[drawn], given_[drawn], average="macro"))
    for name, interval in functional.bootstrap_intervals(counts, resamples=1500).items():
        assert interval == pytest.approx(np.percentile(naive[name], [2.5, 97.5]), abs=0.012)


@pytest.mark.parametrize("level", [0.9, 0.95])
def test_the_interval_of_accuracy_has_binomial_quantiles(level):
    """Resampled hits follow a binomial distribution, which fixes the coverage of the interval."""
    counts = torch.tensor([[1500, 200, 50], [150, 1000, 100]])
    tail = (1.0 - level) / 2
    expected = binom.ppf([tail, 1.0 - tail], 3000, 2500 / 3000) / 3000
    actual = functional.bootstrap_intervals(counts, resamples=20_000, level=level)["wa"]
    assert actual == pytest.approx(expected, abs=0.0008)


def test_intervals_depend_on_counts_and_seed_only():
    counts = torch.tensor([[30, 10, 2], [5, 40, 0]])
    first = functional.bootstrap_intervals(counts, seed=1)
    assert first == functional.bootstrap_intervals(counts.clone(), seed=1)
    assert first != functional.bootstrap_intervals(counts, seed=2)


def test_intervals_narrow_with_more_utterances_and_widen_with_coverage():
    counts = torch.tensor([[30, 10, 2], [5, 40, 0]])

    def width(factor: int, level: float) -> float:
        low, high = functional.bootstrap_intervals(counts * factor, level=level)["ua"]
        return high - low

    assert width(100, 0.95) == pytest.approx(width(1, 0.95) / 10, rel=0.2)
    assert width(1, 0.5) < width(1, 0.95) < width(1, 0.99)


def test_a_perfect_system_has_no_spread_and_an_empty_test_set_no_interval():
    perfect = torch.tensor([[4, 0, 0], [0, 6, 0]])
    assert functional.bootstrap_intervals(perfect)["wa"] == (1.0, 1.0)
    assert functional.bootstrap_intervals(torch.zeros(2, 3, dtype=torch.long))["ua"] == (0.0, 0.0)


def test_the_time_does_not_grow_with_the_test_set():
    """Drawing every utterance of this table would take minutes and gigabytes."""
    start = time.perf_counter()
    functional.bootstrap_intervals(torch.full((7, 8), 1_000_000))
    assert time.perf_counter() - start < 5.0


def test_answers_are_counted_as_a_loop_counts_them():
    references, answers = torch.randint(4, (50,)), torch.randint(4, (50,))
    expected = torch.zeros(4, 5, dtype=torch.long)
    for wanted, answered in zip(references, answers, strict=True):
        expected[wanted, answered] += 1
    assert torch.equal(functional.confusion_counts(answers, references, 4), expected)


def test_the_interval_of_folds_is_that_of_their_mean_and_empty_folds_do_not_count():
    """Two independent folds of the same shares: the mean's spread is smaller by the square root of two."""
    fold = torch.tensor([[30, 10, 0], [10, 50, 0]])
    (low, high), (low_two, high_two) = (
        functional.bootstrap_intervals(counts, resamples=4000)["wa"] for counts in (fold, torch.stack([fold, fold]))
    )
    assert (high - low) / (high_two - low_two) == pytest.approx(2**0.5, rel=0.1)
    with_empty = torch.stack([fold, torch.zeros_like(fold)])
    assert functional.bootstrap_intervals(with_empty) == functional.bootstrap_intervals(fold)
