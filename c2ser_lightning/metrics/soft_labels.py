"""How near a system's probabilities are to the annotators' votes, for systems that score labels.

``p`` is the share of votes and ``q`` the system's probability of each emotion of the label set; both are normalised
over the set. These are the measures of distributional emotion recognition (see "Disentangling Reasoning in Large
Audio-Language Models for Ambiguous Emotion Prediction", which predicts annotators' distributions):

- Jensen-Shannon divergence, base 2, between 0 and 1: ``JS = H((p + q) / 2) - (H(p) + H(q)) / 2`` (Lin 1991);
- Bhattacharyya coefficient, 1 for equal distributions: ``BC = sum sqrt(p q)`` (Bhattacharyya 1943);
- Kullback-Leibler divergence in nats: ``KL(p || q) = sum p log(p / q)``, with ``q`` at least 1e-8;
- entropy correlation: Pearson's r between ``H(p)`` and ``H(q)`` over utterances: is the system unsure where people
  disagree?
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torchmetrics import Metric

from c2ser_lightning.metrics.exact import from_units, to_units

LEAST_PROBABILITY = 1e-8
LEAST_VARIANCE = 1e-8
"""Of an entropy in nats squared; sums of units leave less than that where every entropy is the same."""


@dataclass(slots=True)
class SoftLabelScores:
    """Means over ``n`` utterances; the entropy correlation is NaN where either entropy never changes."""

    n: int
    jensen_shannon: float
    bhattacharyya: float
    kullback_leibler: float
    entropy_correlation: float


def entropy(shares: Tensor) -> Tensor:
    """Return the entropy ``[...]`` of distributions ``[..., K]`` in nats."""
    return -torch.xlogy(shares, shares).sum(-1)


def jensen_shannon(p: Tensor, q: Tensor) -> Tensor:
    """Return the Jensen-Shannon divergence ``[B]`` of distributions ``[B, K]``, base 2."""
    nats = entropy((p + q) / 2) - (entropy(p) + entropy(q)) / 2
    return (nats / torch.log(torch.tensor(2.0, dtype=nats.dtype))).clamp(0.0, 1.0)


def bhattacharyya(p: Tensor, q: Tensor) -> Tensor:
    """Return the Bhattacharyya coefficient ``[B]`` of distributions ``[B, K]``."""
    return (p * q).sqrt().sum(-1)


def kullback_leibler(p: Tensor, q: Tensor) -> Tensor:
    """Return ``KL(p || q)`` ``[B]`` in nats, ``q`` floored at :data:`LEAST_PROBABILITY`."""
    return (torch.xlogy(p, p) - p * q.clamp_min(LEAST_PROBABILITY).log()).sum(-1)


def pearson_from_sums(n: int, x: float, y: float, xx: float, yy: float, xy: float) -> float:
    """Return Pearson's r from sums, their squares' and their products'; NaN without variance beyond rounding."""
    variances = xx / n - (x / n) ** 2, yy / n - (y / n) ** 2
    if min(variances) < LEAST_VARIANCE:
        return float("nan")
    return (xy / n - x * y / n**2) / math.sqrt(variances[0] * variances[1])


class SoftLabelMetrics(Metric):
    """Adds up the measures of each utterance with votes and probabilities, exactly over any number of ranks."""

    full_state_update = False
    totals: Tensor
    n: Tensor

    def __init__(self) -> None:
        """Begin with nothing."""
        super().__init__()
        self.add_state("totals", torch.zeros(8, dtype=torch.long), dist_reduce_fx="sum")
        self.add_state("n", torch.zeros((), dtype=torch.long), dist_reduce_fx="sum")

    def update(self, votes: Tensor, probabilities: Tensor) -> None:
        """Add a batch; rows without a vote for any emotion of the label set are passed over.

        Args:
            votes: ``[B, K]`` votes for each emotion of the label set.
            probabilities: ``[B, K]``, normalised here.
        """
        known = votes.sum(1) > 0
        p, q = votes[known].double().cpu(), probabilities[known].double().cpu()
        if not len(p):
            return
        p, q = p / p.sum(1, keepdim=True), q / q.sum(1, keepdim=True)
        ours, theirs = entropy(q), entropy(p)
        measures = [jensen_shannon(p, q), bhattacharyya(p, q), kullback_leibler(p, q)]
        measures += [theirs, ours, theirs * theirs, ours * ours, theirs * ours]
        self.totals += to_units(torch.stack(measures)).sum(1).to(self.totals.device)
        self.n += len(p)

    def compute(self) -> SoftLabelScores | None:
        """Return the means, ``None`` when no utterance had votes and probabilities."""
        n = int(self.n)
        if not n:
            return None
        js, bc, kl, *sums = from_units(self.totals.cpu()).tolist()
        return SoftLabelScores(n, js / n, bc / n, kl / n, pearson_from_sums(n, *sums))
