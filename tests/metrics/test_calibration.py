"""Calibration against torchmetrics' own functional and a naive loop."""

import pytest
import torch
from torchmetrics.functional.classification import binary_calibration_error

from c2ser_lightning.metrics.calibration import CalibrationMetrics


def made(count: int = 500):
    generator = torch.Generator().manual_seed(0)
    confidence = torch.rand(count, generator=generator, dtype=torch.double) * 0.9 + 0.1
    return confidence, torch.rand(count, generator=generator) < confidence**2


@pytest.mark.parametrize("bins", [10, 15])
def test_equals_torchmetrics(bins):
    confidence, right = made()
    metric = CalibrationMetrics(bins)
    for start in range(0, 500, 77):
        metric.update(confidence[start : start + 77], right[start : start + 77])
    scores = metric.compute()
    expected = binary_calibration_error(confidence, right.long(), n_bins=bins, norm="l1")
    assert scores.ece == pytest.approx(float(expected), abs=1e-6)
    largest = binary_calibration_error(confidence, right.long(), n_bins=bins, norm="max")
    assert scores.mce == pytest.approx(float(largest), abs=1e-6)
    for number, row in enumerate(scores.bins):
        inside = [i for i, c in enumerate(confidence.tolist()) if number / bins < c <= (number + 1) / bins]
        assert row.count == len(inside)
        assert row.accuracy == pytest.approx(sum(right[inside].tolist()) / max(1, len(inside)))


def test_certainty_that_is_always_right_is_perfect():
    metric = CalibrationMetrics()
    metric.update(torch.ones(4), torch.ones(4, dtype=torch.bool))
    assert (metric.compute().ece, metric.compute().bins[-1].count) == (0.0, 4)


def test_without_predictions_there_are_no_scores():
    assert CalibrationMetrics().compute() is None
