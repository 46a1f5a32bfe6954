"""McNemar's test against scipy, the paired bootstrap against one that draws utterances."""

import numpy as np
import pytest
import torch
from scipy.stats import binomtest

from c2ser_lightning.metrics.paired import PairedComparison, columns, mcnemar


@pytest.mark.parametrize(("first", "second"), [(0, 0), (1, 0), (5, 5), (3, 12), (40, 61), (700, 800)])
def test_mcnemar_equals_the_exact_binomial_test(first, second):
    expected = binomtest(first, first + second, 0.5).pvalue if first + second else 1.0
    assert mcnemar(first, second) == pytest.approx(expected, abs=1e-9)


def made(count: int = 300):
    random = np.random.default_rng(2)
    wanted = random.integers(0, 3, count)
    first = np.where(random.random(count) < 0.5, wanted, random.integers(0, 4, count))
    second = np.where(random.random(count) < 0.5, first, wanted)
    return first, second, wanted


def test_equals_a_naive_paired_bootstrap():
    first, second, wanted = made()
    metric = PairedComparison(3)
    metric.update(*map(torch.from_numpy, (first[:99], second[:99], wanted[:99])))
    metric.update(*map(torch.from_numpy, (first[99:], second[99:], wanted[99:])))
    scores = metric.compute()

    def ua(answers, rows):
        return np.mean([np.mean(answers[rows][wanted[rows] == emotion] == emotion) for emotion in range(3)])

    everything = np.arange(300)
    assert scores.n == 300
    assert scores.difference["ua"] == pytest.approx(ua(second, everything) - ua(first, everything))
    assert scores.only_first == int(((first == wanted) & (second != wanted)).sum())
    assert scores.only_second == int(((first != wanted) & (second == wanted)).sum())
    random = np.random.default_rng(4)
    drawn = [random.integers(0, 300, 300) for _ in range(1000)]
    expected = np.quantile([ua(second, rows) - ua(first, rows) for rows in drawn], [0.025, 0.975])
    assert scores.ci95["ua"] == pytest.approx(expected, abs=0.012)
    assert scores.mcnemar_p < 1e-4


def test_equal_systems_do_not_differ():
    metric = PairedComparison(2)
    metric.update(torch.tensor([0, 2]), torch.tensor([0, 2]), torch.tensor([0, 1]))
    scores = metric.compute()
    assert (scores.mcnemar_p, scores.difference["wa"], scores.ci95["wa"]) == (1.0, 0.0, (0.0, 0.0))


def test_answers_outside_the_label_set_are_unparsed():
    assert columns(["fear", None, "anger", "disgust"], ("anger", "fear")).tolist() == [1, 2, 0, 2]
