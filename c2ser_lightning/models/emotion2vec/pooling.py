"""Three ways to sum an utterance up for the language model or a probe."""

from typing import Literal

import torch
from torch import Tensor

from c2ser_lightning.models.emotion2vec.encoder import Emotion2VecFeatures

Pooling = Literal["tokens", "mean", "first_frames"]

FIRST_FRAMES = 10


def mean_frames(features: Emotion2VecFeatures) -> Tensor:
    """Average the valid frames: ``[B, D]``."""
    valid = (~features.padding_mask).unsqueeze(2).to(features.frames.dtype)
    return (features.frames * valid).sum(1) / valid.sum(1).clamp_min(1.0)


def pool(features: Emotion2VecFeatures, pooling: Pooling) -> tuple[Tensor, Tensor]:
    """Return acoustic vectors ``[B, A, D]`` and their mask ``[B, A]``, True where valid.

    ``tokens`` are the learned utterance tokens, which the utterance loss trains to hold the global emotion (default).
    ``mean`` is emotion2vec's own utterance embedding. ``first_frames`` are the first ten frames (200 ms): the released
    feature extractor cuts the tokens off before it slices, so the released C2SER weights were trained on these.
    """
    if pooling == "tokens":
        vectors = features.utterance_tokens
    elif pooling == "mean":
        vectors = mean_frames(features).unsqueeze(1)
    else:
        vectors = features.frames[:, :FIRST_FRAMES] * (~features.padding_mask[:, :FIRST_FRAMES]).unsqueeze(2)
        vectors = torch.nn.functional.pad(vectors, (0, 0, 0, FIRST_FRAMES - vectors.shape[1]))
    return vectors, torch.ones(vectors.shape[:2], dtype=torch.bool, device=vectors.device)
