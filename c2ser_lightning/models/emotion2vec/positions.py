"""Positions: a stack of convolutions for what is near, and a symmetric ALiBi bias for what is far."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from c2ser_lightning.models.emotion2vec.config import Emotion2VecConfig
from c2ser_lightning.models.emotion2vec.local_encoder import channel_norm


class RelativePositions(nn.Module):
    """Convolutional relative positions (``conv_pos``): convolution, norm without affine part, GELU, layer by layer."""

    def __init__(self, config: Emotion2VecConfig) -> None:
        """Build the layers."""
        super().__init__()
        kernel = max(3, config.position_width // config.position_depth)
        self.exact_padding = config.exact_padding
        self.trim = 1 - kernel % 2
        self.convolutions = nn.ModuleList(
            nn.Conv1d(config.embed_dim, config.embed_dim, kernel, padding=kernel // 2, groups=config.position_groups)
            for _ in range(config.position_depth)
        )

    def forward(self, frames: Tensor, padding_mask: Tensor | None) -> Tensor:
        """Map ``[B, T, D]`` (mask ``[B, T]``, True where padded) to positions ``[B, T, D]``, to be added to frames."""
        valid = None
        if padding_mask is not None and self.exact_padding:
            valid = (~padding_mask).unsqueeze(1).to(frames.dtype)
        hidden = frames.transpose(1, 2)
        for convolution in self.convolutions:
            hidden = convolution(hidden if valid is None else hidden * valid)
            hidden = F.gelu(channel_norm(hidden[..., : hidden.shape[-1] - self.trim]))
        return hidden.transpose(1, 2)


def alibi_slopes(heads: int) -> list[float]:
    """Return ALiBi's head slopes: a geometric series for a power of two, else the next ones interleaved."""
    power = 2 ** math.floor(math.log2(heads))
    first = [2.0 ** (-8.0 * (head + 1) / power) for head in range(power)]
    return first + [2.0 ** (-4.0 * (2 * head + 1) / power) for head in range(heads - power)]


class Alibi(nn.Module):
    """Bias of attention logits by distance, symmetric, with one learned scale a head; extra tokens are unbiased."""

    slopes: Tensor

    def __init__(self, config: Emotion2VecConfig) -> None:
        """Build slopes and scales."""
        super().__init__()
        self.extra_tokens = config.extra_tokens
        self.scale = nn.Parameter(torch.ones(config.heads))
        self.register_buffer("slopes", torch.tensor(alibi_slopes(config.heads)), persistent=False)

    def forward(self, places: Tensor) -> Tensor:
        """Return the bias ``[R, H, E + N, E + N]`` of frames at ``places`` ``[R, N]``, behind E extra tokens."""
        places = places.to(self.scale.dtype)
        distance = (places.unsqueeze(2) - places.unsqueeze(1)).abs()
        weight = (self.slopes * self.scale.clamp_min(0.0)).view(1, -1, 1, 1)
        return F.pad(-distance.unsqueeze(1) * weight, (self.extra_tokens, 0, self.extra_tokens, 0))
