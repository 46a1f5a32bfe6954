"""Emotion2Vec and its relatives (emotion2vec, Emotion2Vec-S, data2vec 2.0 audio) as an upstream."""

import math

import torch
from torch import Tensor

from c2ser_lightning.models.emotion2vec.load import Emotion2VecSource, load_emotion2vec
from c2ser_lightning.models.upstreams.base import Upstream


class Emotion2VecUpstream(Upstream):
    """Last-block frames of an own checkpoint, a released file, or random weights."""

    def __init__(self, source: Emotion2VecSource) -> None:
        """Load the encoder."""
        super().__init__()
        self.encoder = load_emotion2vec(source).requires_grad_(False)
        config = self.encoder.config
        self.dimension = config.embed_dim
        self.hop = math.prod(stride for *_, stride in config.convolutions)
        self.shortest = config.receptive_field
        self.exact_in_batches = config.exact_padding

    def _extract(self, waveforms: Tensor, lengths: list[int]) -> tuple[Tensor, Tensor]:
        counts = torch.tensor(lengths, device=waveforms.device)
        padding = torch.arange(waveforms.shape[1], device=waveforms.device) >= counts.unsqueeze(1)
        features = self.encoder.extract_features(waveforms, padding)
        return features.frames, ~features.padding_mask
