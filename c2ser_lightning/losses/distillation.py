"""The two distillation losses of emotion2vec: masked frames and the whole utterance."""

from typing import Literal

import torch
from torch import Tensor

UtteranceForm = Literal["chunk", "last"]
"""Which student output predicts the utterance: the mean of all utterance tokens, or the last of them."""


def frame_loss(predictions: Tensor, targets: Tensor) -> Tensor:
    """Return the squared error of masked frames, summed over channels, over sqrt(D), averaged over frames (L_Frm).

    Args:
        predictions: Decoder outputs at masked places ``[R, M, D]``, all clones.
        targets: Teacher targets at the same places ``[R, M, D]``.
    """
    return _squared_error(predictions, targets)


def utterance_loss(
    tokens: Tensor, targets: Tensor, padding_mask: Tensor | None, clones: int, form: UtteranceForm = "chunk"
) -> Tensor:
    """Return the squared error between the utterance's prediction and the mean target over time (L_Utt).

    emotion2vec's configuration names its form ``chunk`` and no released code reads it; the mean over its ten tokens is
    the natural meaning. ``last`` is what data2vec 2.0 does with its class token.

    Args:
        tokens: Student outputs of the utterance tokens ``[B * clones, E, D]``.
        targets: Teacher targets ``[B, T, D]``.
        padding_mask: ``[B, T]``, True where padded; ``None`` when nothing is.
        clones: Copies of each utterance, next to each other.
        form: Which tokens predict.
    """
    if padding_mask is None:
        summary = targets.mean(1)
    else:
        valid = (~padding_mask).unsqueeze(2).to(targets.dtype)
        summary = (targets * valid).sum(1) / valid.sum(1).clamp_min(1.0)
    prediction = tokens.mean(1) if form == "chunk" else tokens[:, -1]
    return _squared_error(prediction, summary.repeat_interleave(clones, 0))


def _squared_error(predictions: Tensor, targets: Tensor) -> Tensor:
    error = (predictions.float() - targets.float()).square().sum(-1)
    scale: float = predictions.shape[-1] ** -0.5
    return error.mean() * scale


def spread(vectors: Tensor) -> Tensor:
    """Return the mean standard deviation of a channel over all vectors ``[..., D]``; near zero means collapse."""
    flat = vectors.detach().float().flatten(0, -2)
    return torch.sqrt(flat.var(0, unbiased=False) + 1e-6).mean()
