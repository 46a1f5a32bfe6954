"""The part of a probe that is trained: a small classifier over frozen frame features."""

from dataclasses import dataclass
from typing import Literal

import torch.nn.functional as F
from torch import Tensor, nn

NORM_EPS = 1e-5


@dataclass
class ProbeHeadConfig:
    """The trained part.

    Attributes:
        kind: ``linear`` averages frames and classifies; ``emobox`` is EmoBox's head: linear, ReLU, average, linear.
        hidden: Hidden width of the EmoBox head.
        normalize: What a feature's mean and variance are taken over first: the dimensions of its own ``frame``, or all
            frames of its ``utterance`` too, which is what EmoBox' extraction script does and keeps a frame's level.
    """

    kind: Literal["linear", "emobox"] = "linear"
    hidden: int = 256
    normalize: Literal["frame", "utterance"] = "frame"


class ProbeHead(nn.Module):
    """Layer norm without learned scale, linear, ReLU, mean over valid frames, linear (EmoBox; C2SER paper V-B)."""

    def __init__(self, config: ProbeHeadConfig, dimension: int, classes: int) -> None:
        """Build with random weights for features of a dimension."""
        super().__init__()
        self.config = config
        emobox = config.kind == "emobox"
        self.frame_layer = nn.Linear(dimension, config.hidden) if emobox else None
        self.classifier = nn.Linear(config.hidden if emobox else dimension, classes)

    def forward(self, frames: Tensor, valid: Tensor) -> Tensor:
        """Classify utterances.

        Args:
            frames: Features ``[B, T, D]`` of any float type.
            valid: ``[B, T]`` bool, True where a frame belongs to the utterance.

        Returns:
            Logits ``[B, K]``; what stands in frames that are not valid has no influence.
        """
        hidden = self._normalized(frames.float(), valid)
        if self.frame_layer is not None:
            hidden = F.relu(self.frame_layer(hidden))
        weight = valid.unsqueeze(2).to(hidden.dtype)
        logits: Tensor = self.classifier((hidden * weight).sum(1) / weight.sum(1).clamp_min(1.0))
        return logits

    def _normalized(self, frames: Tensor, valid: Tensor) -> Tensor:
        if self.config.normalize == "frame":
            return F.layer_norm(frames, frames.shape[-1:], eps=NORM_EPS)
        weight = valid.unsqueeze(2).to(frames.dtype)
        count = (weight.sum((1, 2), keepdim=True) * frames.shape[2]).clamp_min(1.0)
        centred = (frames - (frames * weight).sum((1, 2), keepdim=True) / count) * weight
        return centred * (centred.square().sum((1, 2), keepdim=True) / count + NORM_EPS).rsqrt()
