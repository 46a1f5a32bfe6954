"""The connection module: 4x causal downsampling, acoustic vectors in front, a pre-norm Transformer, a linear layer."""

import math
from dataclasses import dataclass
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn


@dataclass
class ConnectorSettings:
    """Sizes of the connector (paper V-A: 4 layers, feed-forward 2560, then a linear layer).

    Attributes:
        layers: Transformer layers.
        heads: Attention heads.
        ffn: Feed-forward width.
        dropout: After each sub-layer, in attention and on the positions.
        downsample: Whether Whisper's 50 Hz frames are brought to 12.5 Hz first.
        acoustic_input: ``pad`` fills the acoustic vectors with zeros up to Whisper's width (as released); ``linear``
            learns a projection, for acoustic vectors wider than Whisper's frames.
        width: Width when there is no Whisper encoder to take it from.
    """

    layers: int = 4
    heads: int = 4
    ffn: int = 2560
    dropout: float = 0.1
    downsample: bool = True
    acoustic_input: Literal["pad", "linear"] = "pad"
    width: int = 1024


class CausalDownsampler(nn.Module):
    """Three causal convolutions with strides 1, 2 and 2: 50 Hz in, 12.5 Hz out. Padding never reaches a valid frame."""

    def __init__(self, width: int) -> None:
        """Build width-preserving convolutions of kernel 3."""
        super().__init__()
        self.convolutions = nn.ModuleList(nn.Conv1d(width, width, kernel_size=3, stride=stride) for stride in (1, 2, 2))

    @staticmethod
    def output_length(frames: int) -> int:
        """Frames left of so many."""
        return -(-frames // 4)

    def forward(self, frames: Tensor, valid: Tensor) -> tuple[Tensor, Tensor]:
        """Map ``[B, N, D]`` and mask ``[B, N]`` to ``[B, ceil(N/4), D]`` and its mask."""
        hidden = frames.transpose(1, 2)
        for convolution in self.convolutions:
            hidden = F.gelu(convolution(F.pad(hidden, (2, 0))))
        return hidden.transpose(1, 2), valid[:, ::2][:, ::2]


class ConnectorLayer(nn.Module):
    """Pre-norm self-attention and ReLU feed-forward."""

    def __init__(self, width: int, settings: ConnectorSettings) -> None:
        """Build one layer."""
        super().__init__()
        self.heads, self.dropout = settings.heads, settings.dropout
        self.attention_norm, self.ffn_norm = nn.LayerNorm(width), nn.LayerNorm(width)
        self.query, self.key, self.value, self.out = (nn.Linear(width, width) for _ in range(4))
        self.expand, self.contract = nn.Linear(width, settings.ffn), nn.Linear(settings.ffn, width)

    def forward(self, hidden: Tensor, attendable: Tensor) -> Tensor:
        """Map ``[B, N, D]`` to the same shape; ``attendable`` ``[B, 1, 1, N]`` is True where keys are valid."""
        hidden = hidden + self._drop(self._attend(self.attention_norm(hidden), attendable))
        return hidden + self._drop(self.contract(self._drop(F.relu(self.expand(self.ffn_norm(hidden))))))

    def _attend(self, hidden: Tensor, attendable: Tensor) -> Tensor:
        query, key, value = (
            linear(hidden).unflatten(-1, (self.heads, -1)).transpose(1, 2)
            for linear in (self.query, self.key, self.value)
        )
        dropout = self.dropout if self.training else 0.0
        mixed = F.scaled_dot_product_attention(query, key, value, attn_mask=attendable, dropout_p=dropout)
        projected: Tensor = self.out(mixed.transpose(1, 2).flatten(2))
        return projected

    def _drop(self, hidden: Tensor) -> Tensor:
        return F.dropout(hidden, self.dropout, self.training)


class Connector(nn.Module):
    """Fuses semantic frames and acoustic vectors along time and maps them to the language model's width."""

    def __init__(self, settings: ConnectorSettings, semantic: int | None, acoustic: int | None, output: int) -> None:
        """Build the connector.

        Args:
            settings: Sizes.
            semantic: Width of Whisper's frames, or ``None`` without Whisper.
            acoustic: Width of the acoustic vectors, or ``None`` without Emotion2Vec-S.
            output: Width of the language model.

        Raises:
            ValueError: Both inputs are missing, or acoustic vectors are too wide to be padded.
        """
        super().__init__()
        if semantic is None and acoustic is None:
            raise ValueError("the connector needs Whisper, Emotion2Vec-S or both")
        self.settings = settings
        self.width = width = semantic or settings.width
        self.downsampler = CausalDownsampler(width) if semantic and settings.downsample else None
        self.acoustic_projection = self._acoustic_projection(acoustic)
        self.input, self.input_norm = nn.Linear(width, width), nn.LayerNorm(width)
        self.layers = nn.ModuleList(ConnectorLayer(width, settings) for _ in range(settings.layers))
        self.output_norm, self.output = nn.LayerNorm(width), nn.Linear(width, output)

    def _acoustic_projection(self, acoustic: int | None) -> nn.Module:
        if acoustic is None:
            return nn.Identity()
        if self.settings.acoustic_input == "linear":
            return nn.Linear(acoustic, self.width)
        if acoustic > self.width:
            raise ValueError(
                f"acoustic vectors of width {acoustic} cannot be padded to {self.width}; set acoustic_input: linear"
            )
        return nn.ConstantPad1d((0, self.width - acoustic), 0.0)

    def output_length(self, semantic_frames: int, acoustic_vectors: int) -> int:
        """Positions in the language model for so many Whisper frames and acoustic vectors."""
        frames = CausalDownsampler.output_length(semantic_frames) if self.downsampler else semantic_frames
        return frames + acoustic_vectors

    def forward(
        self, semantic: tuple[Tensor, Tensor] | None, acoustic: tuple[Tensor, Tensor] | None
    ) -> tuple[Tensor, Tensor]:
        """Fuse and project.

        Args:
            semantic: Frames ``[B, N, D]`` and mask ``[B, N]``, or ``None`` (ablation without Whisper).
            acoustic: Vectors ``[B, A, D']`` and mask ``[B, A]``, or ``None`` (ablation without Emotion2Vec-S). Valid
                vectors must come first, and unless all are valid there must be no semantic frames behind them.

        Returns:
            ``[B, M, H]`` and mask ``[B, M]``, True where valid.
        """
        hidden, valid = self.transform(*self._fuse(semantic, acoustic))
        return self.output(hidden), valid

    def _fuse(
        self, semantic: tuple[Tensor, Tensor] | None, acoustic: tuple[Tensor, Tensor] | None
    ) -> tuple[Tensor, Tensor]:
        parts = []
        if acoustic is not None:
            parts.append((self.acoustic_projection(acoustic[0].to(self.input.weight.dtype)), acoustic[1]))
        if semantic is not None:
            frames = (semantic[0].to(self.input.weight.dtype), semantic[1])
            parts.append(self.downsampler(*frames) if self.downsampler else frames)
        return torch.cat([values for values, _ in parts], dim=1), torch.cat([mask for _, mask in parts], dim=1)

    def transform(self, fused: Tensor, valid: Tensor) -> tuple[Tensor, Tensor]:
        """Run the Transformer over fused inputs ``[B, M, D]`` with mask ``[B, M]``."""
        dropout = self.settings.dropout
        hidden = F.dropout(self.input_norm(self.input(fused)), dropout, self.training) * math.sqrt(self.width)
        hidden = F.dropout(hidden + _sinusoids(hidden), dropout, self.training)
        attendable = valid[:, None, None, :]
        for layer in self.layers:
            hidden = layer(hidden, attendable)
        return self.output_norm(hidden), valid


def _sinusoids(hidden: Tensor) -> Tensor:
    """Return interleaved sine and cosine positions ``[1, N, D]`` for ``hidden`` ``[B, N, D]``."""
    length, width = hidden.shape[1:]
    position = torch.arange(length, device=hidden.device, dtype=torch.float32).unsqueeze(1)
    rate = torch.exp(torch.arange(0, width, 2, device=hidden.device, dtype=torch.float32) * (-math.log(1e4) / width))
    table = torch.stack([torch.sin(position * rate), torch.cos(position * rate)], dim=2).flatten(1)
    return table.unsqueeze(0).to(hidden.dtype)
