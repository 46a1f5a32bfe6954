"""The category-level contrastive loss of Emotion2Vec-S (paper III-B): same emotion together, other emotions apart."""

import torch
import torch.nn.functional as F
from torch import Tensor

from c2ser_lightning.losses.gathering import gather_rows


def category_loss(
    embeddings: Tensor, categories: Tensor, temperature: float = 0.1, *, across_ranks: bool = True
) -> Tensor:
    """Return the multi-positive InfoNCE over cosine similarities (supervised contrastive loss).

    The paper says that cosine similarities of positive pairs are maximised and those of negative pairs minimised and
    leaves the form open. For each anchor i with positives P(i) among all other embeddings A(i)::

        loss_i = -1/|P(i)| * sum_{p in P(i)} log( exp(s_ip / t) / sum_{a in A(i)} exp(s_ia / t) )

    Embeddings without a label are neither anchors nor in A(i); anchors without a positive do not count. Ranks share
    their embeddings, so positives are found over the global batch.

    Args:
        embeddings: ``[N, D]``, of any length; they are normalised here. N may be 0.
        categories: ``[N]`` class ids, -1 for unlabelled.
        temperature: t above.
        across_ranks: Compare with the embeddings of all ranks. Every rank must then call this equally often, also
            with no rows; switch off where ranks may hold different numbers of batches, as in validation.

    Returns:
        The mean over anchors; a zero connected to ``embeddings`` when no anchor has a positive.
    """
    # Autocast would round the similarities to three digits before they are divided by the temperature.
    with torch.autocast(embeddings.device.type, enabled=False):
        rows = F.normalize(embeddings.float(), dim=-1)
        if across_ranks:
            rows, categories = gather_rows(rows, categories)
        return _mean_over_anchors(rows @ rows.T / temperature, categories) + embeddings.float().sum() * 0.0


def _mean_over_anchors(similarities: Tensor, categories: Tensor) -> Tensor:
    """Unlabelled rows are masked, not cut out: a boolean index would wait for the device to count them."""
    itself = torch.eye(len(categories), dtype=torch.bool, device=categories.device)
    compared = (categories >= 0).unsqueeze(0) & ~itself
    positive = (categories.unsqueeze(0) == categories.unsqueeze(1)) & compared
    # -1e9 rather than -inf: the row of a lone anchor would otherwise be all -inf and its gradient undefined.
    log_share = similarities.masked_fill(~compared, -1e9).log_softmax(1)
    counts = positive.sum(1)
    per_anchor = -(log_share * positive).sum(1) / counts.clamp_min(1)
    anchors = (counts > 0).to(per_anchor.dtype)
    return (per_anchor * anchors).sum() / anchors.sum().clamp_min(1.0)
