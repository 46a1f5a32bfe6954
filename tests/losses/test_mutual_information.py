"""vCLUB against torch's own Gaussian in a naive loop, and on pairs whose mutual information is known."""

import math

import pytest
import torch
from torch.distributions import Normal

from c2ser_lightning.losses.mutual_information import VCLUB


@pytest.fixture
def estimator() -> VCLUB:
    torch.manual_seed(0)
    return VCLUB(4, 3, hidden=8)


def naive(estimator: VCLUB, x, y) -> tuple[float, float]:
    """The two formulas of the docstring, pair by pair."""
    logs = []
    for one in x:
        mean, log_variance = estimator(one)
        logs.append([Normal(mean, (log_variance / 2).exp()).log_prob(other).sum().item() for other in y])
    own = sum(logs[i][i] for i in range(len(x))) / len(x)
    return own - sum(map(sum, logs)) / len(x) ** 2, -own


@torch.no_grad()
def test_it_is_the_formula(estimator):
    x, y = torch.randn(6, 4), torch.randn(6, 3)
    bound, estimation = naive(estimator, x, y)
    assert estimator.bound(x, y).item() == pytest.approx(bound, abs=1e-5)
    constant = 3 * math.log(2 * math.pi) / 2
    assert estimator.estimation(x, y).item() + constant == pytest.approx(estimation, abs=1e-5)


def test_each_part_trains_its_own_weights(estimator):
    x, y = torch.randn(6, 4, requires_grad=True), torch.randn(6, 3, requires_grad=True)
    estimator.bound(x, y).backward()
    assert x.grad.abs().sum() > 0
    assert y.grad.abs().sum() > 0
    assert all(weight.grad is None for weight in estimator.parameters())
    x.grad = y.grad = None
    estimator.estimation(x, y).backward()
    assert x.grad is None
    assert y.grad is None
    assert all(weight.grad.abs().sum() > 0 for weight in estimator.parameters())


def test_pairs_without_mutual_information_get_less_than_pairs_with_it():
    """y = x + noise of sd 0.7 holds -3/2 log(1 - rho^2) = 1.66 nats in three dimensions; the bound lies above."""
    torch.manual_seed(0)
    found = {}
    for kind, tied in (("tied", 1.0), ("free", 0.0)):
        estimator = VCLUB(3, 3, hidden=16)
        optimizer = torch.optim.Adam(estimator.parameters(), lr=1e-2)
        for _ in range(300):
            x = torch.randn(64, 3)
            y = tied * x + 0.7 * torch.randn(64, 3)
            optimizer.zero_grad()
            estimator.estimation(x, y).backward()
            optimizer.step()
        x = torch.randn(2000, 3)
        found[kind] = estimator.bound(x, tied * x + 0.7 * torch.randn(2000, 3)).item()
    truth = -1.5 * math.log(1 - 1 / 1.49)
    assert found["tied"] > truth
    assert abs(found["free"]) < 0.2


def test_no_pair_is_no_loss_but_keeps_the_graph(estimator):
    x, y = torch.zeros(0, 4, requires_grad=True), torch.zeros(0, 3, requires_grad=True)
    loss = estimator.bound(x, y) + estimator.estimation(x, y)
    assert loss.item() == 0
    loss.backward()
    assert all(weight.grad is not None for weight in estimator.parameters())
