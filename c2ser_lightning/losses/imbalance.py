"""Rare emotions: weights of classes and focal loss. The paper leaves the skew of its data (IV-A) as it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor


@dataclass
class ImbalanceConfig:
    """What a loss does about rare classes; nothing by default, as in the paper.

    Attributes:
        weighting: Weight of an utterance by its emotion: ``none``; ``inverse`` of the number of training utterances;
            ``effective``, inverse of the effective number ``(1 - beta^n) / (1 - beta)`` (Cui et al. 2019), which is
            gentler.
        beta: Of ``effective``; the nearer to 1, the nearer to ``inverse``.
        focal: Exponent of focal loss (Lin et al. 2017): each token's loss is scaled by ``(1 - p)^focal``, p its
            probability, so that what is answered well already counts less; 0 switches it off.
    """

    weighting: Literal["none", "inverse", "effective"] = "none"
    beta: float = 0.999
    focal: float = 0.0

    def __post_init__(self) -> None:
        """Check bounds."""
        if not 0.0 <= self.beta < 1.0:
            raise ValueError(f"imbalance.beta is a number from 0 to below 1, not {self.beta}")
        if self.focal < 0.0:
            raise ValueError(f"imbalance.focal is 0 or more, not {self.focal}")


def class_weights(counts: Sequence[int], config: ImbalanceConfig) -> Tensor:
    """Return a weight for each class ``[K]``, whose mean over the training utterances is 1.

    Args:
        counts: Training utterances of each class; a class without any gets the weight 0.
        config: How to weight.
    """
    numbers = torch.tensor(counts, dtype=torch.double)
    if config.weighting == "none" or not numbers.sum():
        return torch.ones(len(counts))
    inverse = config.weighting == "inverse"
    effective = numbers if inverse else (1.0 - config.beta**numbers) / (1.0 - config.beta)
    weights = torch.where(numbers > 0, 1.0 / effective.clamp_min(1e-12), 0.0)
    return (weights * numbers.sum() / (weights * numbers).sum()).float()


def imbalanced_mean(losses: Tensor, weights: Tensor | None, focal: float) -> Tensor:
    """Return the mean of token losses ``[T]`` in nats under weights ``[T]``, each scaled by its focal factor."""
    if focal:
        losses = losses * (-torch.expm1(-losses)).clamp_min(1e-6).pow(focal)
    if weights is None:
        return losses.mean()
    return (losses * weights).sum() / weights.sum().clamp_min(1e-12)
