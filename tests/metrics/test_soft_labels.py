"""Distances of distributions against scipy."""

import math

import numpy as np
import pytest
import torch
from scipy.spatial.distance import jensenshannon
from scipy.special import rel_entr
from scipy.stats import entropy as scipy_entropy
from scipy.stats import pearsonr

from c2ser_lightning.metrics.soft_labels import SoftLabelMetrics


def made(count: int = 60):
    random = np.random.default_rng(1)
    votes = random.integers(0, 6, (count, 5)) * (random.random((count, 5)) < 0.5)
    return torch.from_numpy(votes), torch.from_numpy(random.dirichlet(np.ones(5), count))


def test_equals_scipy_over_batches():
    votes, q = made()
    metric = SoftLabelMetrics()
    for start in range(0, 60, 13):
        metric.update(votes[start : start + 13], q[start : start + 13])
    scores = metric.compute()
    known = votes.sum(1) > 0
    p, q = (votes[known].double() / votes[known].sum(1, keepdim=True)).numpy(), q[known].numpy()
    assert scores.n == len(p) < 60
    assert scores.jensen_shannon == pytest.approx(np.mean(jensenshannon(p, q, base=2, axis=1) ** 2), abs=1e-8)
    assert scores.bhattacharyya == pytest.approx(np.mean([np.sqrt(a * b).sum() for a, b in zip(p, q, strict=True)]))
    assert scores.kullback_leibler == pytest.approx(np.mean(rel_entr(p, q).sum(1)), abs=1e-8)
    r = pearsonr(scipy_entropy(p, axis=1), scipy_entropy(q, axis=1)).statistic
    assert scores.entropy_correlation == pytest.approx(r, abs=1e-6)


def test_equal_and_disjoint_distributions_are_the_bounds():
    metric = SoftLabelMetrics()
    metric.update(torch.tensor([[1, 1, 0]]), torch.tensor([[0.5, 0.5, 0.0]]))
    same = metric.compute()
    assert (same.jensen_shannon, same.bhattacharyya) == pytest.approx((0, 1), abs=1e-8)
    assert same.kullback_leibler == pytest.approx(0.0, abs=1e-6)
    assert math.isnan(same.entropy_correlation)
    metric.reset()
    metric.update(torch.tensor([[2, 0]]), torch.tensor([[0.0, 1.0]]))
    apart = metric.compute()
    assert (apart.jensen_shannon, apart.bhattacharyya) == pytest.approx((1, 0), abs=1e-8)
    assert apart.kullback_leibler == pytest.approx(-math.log(1e-8))


def test_without_votes_there_are_no_scores():
    assert SoftLabelMetrics().compute() is None
