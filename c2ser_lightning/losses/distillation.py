"""The two distillation losses of emotion2vec: masked frames and the whole utterance."""

import torch
from torch import Tensor


def frame_loss(predictions: Tensor, targets: Tensor) -> Tensor:
    """Return the squared error of masked frames, summed over channels, over sqrt(D), averaged over frames (L_Frm).

    Args:
        predictions: Decoder outputs at masked places ``[R, M, D]``, all clones.
        targets: Teacher targets at the same places ``[R, M, D]``.
    """
    return _squared_error(predictions, targets)


def utterance_loss(tokens: Tensor, targets: Tensor, padding_mask: Tensor | None, clones: int) -> Tensor:
    """Return the squared error between the mean utterance token and the mean target over time (L_Utt, ``chunk``).

    Args:
        tokens: Student outputs of the utterance tokens ``[B * clones, E, D]``.
        targets: Teacher targets ``[B, T, D]``.
        padding_mask: ``[B, T]``, True where padded; ``None`` when nothing is.
        clones: Copies of each utterance, next to each other.
    """
    if padding_mask is None:
        summary = targets.mean(1)
    else:
        valid = (~padding_mask).unsqueeze(2).to(targets.dtype)
        summary = (targets * valid).sum(1) / valid.sum(1).clamp_min(1.0)
    return _squared_error(tokens.mean(1), summary.repeat_interleave(clones, 0))


def _squared_error(predictions: Tensor, targets: Tensor) -> Tensor:
    error = (predictions.float() - targets.float()).square().sum(-1)
    scale: float = predictions.shape[-1] ** -0.5
    return error.mean() * scale


def spread(vectors: Tensor) -> Tensor:
    """Return the mean standard deviation of a channel over all vectors ``[..., D]``; near zero means collapse."""
    flat = vectors.detach().float().flatten(0, -2)
    return torch.sqrt(flat.var(0, unbiased=False) + 1e-6).mean()
