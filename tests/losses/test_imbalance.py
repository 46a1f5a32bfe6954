import math

import numpy as np
import pytest
import torch
from sklearn.utils.class_weight import compute_class_weight

from c2ser_lightning.losses.imbalance import ImbalanceConfig, class_weights, imbalanced_mean

COUNTS = [13, 300, 7, 0, 80]


def test_inverse_weights_are_scikit_learns_balanced_ones():
    labels = [number for number, count in enumerate(COUNTS) for _ in range(count)]
    expected = compute_class_weight("balanced", classes=np.array([0, 1, 2, 4]), y=labels)
    found = class_weights(COUNTS, ImbalanceConfig("inverse"))
    assert found[[0, 1, 2, 4]].tolist() == pytest.approx(expected.tolist(), rel=1e-6)
    assert found[3] == 0


def test_effective_numbers_sum_geometric_series():
    found = class_weights(COUNTS, ImbalanceConfig("effective", beta=0.99))
    raw = [1.0 / sum(0.99**power for power in range(count)) if count else 0.0 for count in COUNTS]
    mean = sum(weight * count for weight, count in zip(raw, COUNTS, strict=True)) / sum(COUNTS)
    assert found.tolist() == pytest.approx([weight / mean for weight in raw], rel=1e-5)
    inverse = class_weights(COUNTS, ImbalanceConfig("inverse"))
    assert 1 < found[2] / found[1] < inverse[2] / inverse[1]


@pytest.mark.parametrize("weighting", ["none", "inverse", "effective"])
def test_an_utterance_weighs_one_on_average(weighting):
    weights = class_weights(COUNTS, ImbalanceConfig(weighting))
    assert float((weights * torch.tensor(COUNTS)).sum() / sum(COUNTS)) == pytest.approx(1.0, rel=1e-5)


def test_focal_mean_against_its_formula():
    losses, weights = [0.02, 1.3, 4.0], [1.0, 0.5, 2.0]
    expected = sum(w * (1 - math.exp(-one)) ** 2 * one for one, w in zip(losses, weights, strict=True)) / 3.5
    assert float(imbalanced_mean(torch.tensor(losses), torch.tensor(weights), 2.0)) == pytest.approx(expected)
    assert float(imbalanced_mean(torch.tensor(losses), None, 0.0)) == pytest.approx(sum(losses) / 3)


def test_gradients_stay_finite_for_certain_answers():
    losses = torch.zeros(3, requires_grad=True)
    imbalanced_mean(losses, None, 0.5).backward()
    assert losses.grad.isfinite().all()


@pytest.mark.parametrize("change", [{"beta": 1.0}, {"beta": -0.1}, {"focal": -1.0}])
def test_settings_out_of_bounds_are_refused(change):
    with pytest.raises(ValueError, match=r"imbalance\."):
        ImbalanceConfig(**change)
