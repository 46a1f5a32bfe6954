"""Whether probabilities mean what they say: expected calibration error and the reliability diagram.

Predictions are put into equal bins of confidence (the largest probability); with ``n_b`` of ``n`` predictions in bin b,
``ECE = sum_b n_b / n |acc(b) - conf(b)|`` (Guo et al. 2017, equation 3).
"""

from dataclasses import dataclass

import torch
from torch import Tensor
from torchmetrics import Metric

from c2ser_lightning.metrics.exact import from_units, to_units

BINS = 15
"""Bins in Guo et al."""


@dataclass(slots=True)
class ReliabilityBin:
    """Predictions of one bin: how many, how sure they were and how often right (means; 0 without predictions)."""

    count: int
    confidence: float
    accuracy: float


@dataclass(slots=True)
class CalibrationScores:
    """Expected and maximum calibration error over ``n`` predictions with probabilities, and the bins they come from."""

    n: int
    ece: float
    mce: float
    bins: list[ReliabilityBin]


def bin_of(confidence: Tensor, bins: int = BINS) -> Tensor:
    """Return the bin ``[B]`` of each confidence; bin b holds those above b / bins up to (b + 1) / bins."""
    edges = torch.linspace(0, 1, bins + 1, dtype=torch.double)[1:-1]
    return torch.bucketize(confidence.double(), edges)


def expected_calibration_error(bins: list[ReliabilityBin]) -> float:
    """Return the ECE of a reliability diagram; 0 without predictions."""
    total = sum(row.count for row in bins)
    return sum(row.count * abs(row.accuracy - row.confidence) for row in bins) / max(1, total)


class CalibrationMetrics(Metric):
    """Counts predictions by confidence, exactly over any number of ranks."""

    full_state_update = False
    counts: Tensor
    right: Tensor
    confidence: Tensor

    def __init__(self, bins: int = BINS) -> None:
        """Use ``bins`` equal bins."""
        super().__init__()
        self.bins = bins
        for name in ("counts", "right", "confidence"):
            self.add_state(name, torch.zeros(bins, dtype=torch.long), dist_reduce_fx="sum")

    def update(self, confidence: Tensor, right: Tensor) -> None:
        """Add predictions: their largest probability ``[B]`` and whether they are right ``[B]``."""
        place = bin_of(confidence.cpu(), self.bins)
        device = self.counts.device
        self.counts += torch.bincount(place, minlength=self.bins).to(device)
        self.right += torch.bincount(place[right.cpu()], minlength=self.bins).to(device)
        units = torch.zeros(self.bins, dtype=torch.long).index_add(0, place, to_units(confidence.cpu()))
        self.confidence += units.to(device)

    def compute(self) -> CalibrationScores | None:
        """Return errors and bins, ``None`` without predictions."""
        n = int(self.counts.sum())
        if not n:
            return None
        divisor = self.counts.cpu().clamp_min(1).double()
        rows = zip(
            self.counts.tolist(),
            (from_units(self.confidence.cpu()) / divisor).tolist(),
            (self.right.cpu() / divisor).tolist(),
            strict=True,
        )
        bins = [ReliabilityBin(*row) for row in rows]
        gaps = [abs(row.accuracy - row.confidence) for row in bins if row.count]
        return CalibrationScores(n, expected_calibration_error(bins), max(gaps), bins)
