"""Contrastive losses over labelled embeddings: same emotion together, other emotions apart."""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(slots=True)
class Pairs:
    """N anchors compared with M others.

    Attributes:
        similarities: ``[N, M]`` cosine similarities.
        positive: ``[N, M]`` bool, compared and of the same class.
        compared: ``[N, M]`` bool, which of the others an anchor is compared with.
    """

    similarities: Tensor
    positive: Tensor
    compared: Tensor

    @classmethod
    def of(cls, similarities: Tensor, anchors: Tensor, others: Tensor, excluded: Tensor) -> "Pairs":
        """Pair up by class.

        Unlabelled rows are masked, not cut out: a boolean index would wait for the device to count them.

        Args:
            similarities: ``[N, M]``.
            anchors: ``[N]`` class ids of the anchors, -1 for unlabelled.
            others: ``[M]`` class ids of the others, -1 for unlabelled. Unlabelled rows are compared with nobody.
            excluded: ``[N, M]`` bool, pairs that are left out, such as an anchor and itself.
        """
        compared = (anchors >= 0).unsqueeze(1) & (others >= 0).unsqueeze(0) & ~excluded
        return cls(similarities, (anchors.unsqueeze(1) == others.unsqueeze(0)) & compared, compared)


def info_nce(pairs: Pairs, scale: Tensor | float, robustness: float = 0.0) -> Tensor:
    """Return the multi-positive InfoNCE (supervised contrastive loss, Khosla et al. 2020, ``L_out``).

    For each anchor i with positives P(i) among those it is compared with, A(i), and scale 1/t::

        share_ip = exp(s_ip / t) / sum_{a in A(i)} exp(s_ia / t)
        loss_i   = 1/|P(i)| * sum_{p in P(i)} cost(share_ip)

    The cost is ``-log share``. With robustness q it is ``(1 - share^q) / q`` (generalised cross-entropy, Zhang and
    Sabuncu 2018): bounded by 1/q, so that a wrongly labelled pair, whose share stays small, cannot dominate; q -> 0
    gives the logarithm back, q = 1 is the mean absolute error.

    Returns:
        The mean over anchors with a positive; 0 when there is none.
    """
    # -1e9 rather than -inf: the row of a lone anchor would otherwise be all -inf and its gradient undefined.
    log_share = (pairs.similarities * scale).masked_fill(~pairs.compared, -1e9).log_softmax(1)
    cost = -log_share if robustness == 0.0 else -torch.expm1(robustness * log_share) / robustness
    counts = pairs.positive.sum(1)
    # where, not times: what is not a positive may be as large as 1e9
    per_anchor = torch.where(pairs.positive, cost, 0.0).sum(1) / counts.clamp_min(1)
    return per_anchor.sum() / (counts > 0).sum().clamp_min(1)


def pairwise(pairs: Pairs, margin: float) -> Tensor:
    """Return the mean of 1 - s over positive pairs plus the mean of max(0, s - margin) over negative ones.

    The literal reading of "maximise the similarity of positive pairs, minimise that of negative pairs"; both means
    weigh the same, however many pairs of a kind there are.
    """
    negative = pairs.compared & ~pairs.positive
    return _mean(1.0 - pairs.similarities, pairs.positive) + _mean((pairs.similarities - margin).relu(), negative)


def _mean(values: Tensor, chosen: Tensor) -> Tensor:
    return torch.where(chosen, values, 0.0).sum() / chosen.sum().clamp_min(1)
