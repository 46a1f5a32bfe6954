"""The category-level contrastive loss of Emotion2Vec-S (paper III-B): same emotion together, other emotions apart."""

import torch.nn.functional as F
from torch import Tensor

from c2ser_lightning.losses.gathering import gather_rows


def category_loss(embeddings: Tensor, categories: Tensor, temperature: float = 0.1) -> Tensor:
    """Return the multi-positive InfoNCE over cosine similarities (supervised contrastive loss).

    The paper says that cosine similarities of positive pairs are maximised and those of negative pairs minimised and
    leaves the form open. For each anchor i with positives P(i) among all other embeddings A(i)::

        loss_i = -1/|P(i)| * sum_{p in P(i)} log( exp(s_ip / t) / sum_{a in A(i)} exp(s_ia / t) )

    Embeddings without a label are left out altogether; anchors without a positive do not count. Ranks share their
    embeddings, so positives are found over the global batch.

    Args:
        embeddings: ``[N, D]``, of any length; they are normalised here.
        categories: ``[N]`` class ids, -1 for unlabelled.
        temperature: t above.

    Returns:
        The mean over anchors; a zero connected to ``embeddings`` when no anchor has a positive.
    """
    labelled = categories >= 0
    rows = gather_rows(F.normalize(embeddings[labelled].float(), dim=-1))
    classes = gather_rows(categories[labelled])
    similarities = rows @ rows.T / temperature
    itself = similarities.new_zeros(similarities.shape).fill_diagonal_(1.0).bool()
    positive = (classes.unsqueeze(0) == classes.unsqueeze(1)) & ~itself
    # -1e9 rather than -inf: a lone anchor's row would otherwise be all -inf and its gradient undefined.
    log_share = similarities.masked_fill(itself, -1e9).log_softmax(1)
    counts = positive.sum(1)
    per_anchor = -(log_share * positive).sum(1) / counts.clamp_min(1)
    anchors = (counts > 0).to(per_anchor.dtype)
    return (per_anchor * anchors).sum() / anchors.sum().clamp_min(1.0) + embeddings.float().sum() * 0.0
