"""Sizes and options of Emotion2Vec; the defaults are emotion2vec_base, whose architecture Emotion2Vec-S keeps."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Self


def _base_convolutions() -> list[tuple[int, int, int]]:
    return [(512, 10, 5), *[(512, 3, 2)] * 4, *[(512, 2, 2)] * 2]


@dataclass
class Emotion2VecConfig:
    """Architecture of the encoder and of its pretraining decoder.

    Attributes:
        convolutions: Channels, kernel and stride of each layer of the front end; strides multiply to 320 (50 Hz).
        embed_dim: Width of the Transformer.
        prenet_depth: Blocks of the context encoder, which are never distillation targets.
        depth: Blocks of the main Transformer.
        heads: Attention heads.
        mlp_ratio: Feed-forward width as a multiple of ``embed_dim``.
        extra_tokens: Learned utterance tokens in front of the frames.
        position_depth: Layers of the relative positional convolution.
        position_width: Total width of the positional convolution; each layer's kernel is ``max(3, width // depth)``.
        position_groups: Groups of the positional convolution.
        dropout: Residual dropout of attention and feed-forward outputs, and behind the prenet's norm.
        attention_dropout: Dropout of attention weights.
        layerdrop: Probability of skipping a block in training.
        norm_eps: Epsilon of the blocks' layer norms.
        decoder_dim: Width of the convolutional decoder (pretraining only).
        decoder_layers: Layers of the decoder.
        decoder_kernel: Kernel of the decoder.
        decoder_groups: Groups of the decoder.
        normalize: Bring each waveform to zero mean and unit variance over its own samples first, as emotion2vec does.
        exact_padding: Zero padded frames inside the positional convolution, so that an utterance gets the same features
            alone and in any batch. Off by default: the released code lets padding leak into the last frames, and so
            does pretraining here. Frozen encoders switch it on; see ``Emotion2VecSource``.
        first_filters: How the first convolution starts: ``random``, as released, or ``gabor``, an auditory filter bank,
            which needs far less speech to learn pitch and timbre from.
    """

    convolutions: list[tuple[int, int, int]] = field(default_factory=_base_convolutions)
    embed_dim: int = 768
    prenet_depth: int = 4
    depth: int = 8
    heads: int = 12
    mlp_ratio: float = 4.0
    extra_tokens: int = 10
    position_depth: int = 5
    position_width: int = 95
    position_groups: int = 16
    dropout: float = 0.1
    attention_dropout: float = 0.1
    layerdrop: float = 0.05
    norm_eps: float = 1e-5
    decoder_dim: int = 384
    decoder_layers: int = 4
    decoder_kernel: int = 7
    decoder_groups: int = 16
    normalize: bool = True
    exact_padding: bool = False
    first_filters: Literal["random", "gabor"] = "random"

    @classmethod
    def from_model_conf(cls, conf: Mapping[str, Any]) -> Self:
        """Read the ``model_conf`` that is released beside emotion2vec's weights (a JSON or YAML mapping).

        Raises:
            ValueError: A setting is missing or is one that no released model uses and that is not built here.
        """
        from c2ser_lightning.models.emotion2vec.released_config import settings_from_model_conf

        return cls(**settings_from_model_conf(conf))

    @property
    def receptive_field(self) -> int:
        """Samples that one frame sees, and so the shortest clip that has a frame."""
        samples = 1
        for _, kernel, stride in reversed(self.convolutions):
            samples = (samples - 1) * stride + kernel
        return samples

    def output_length(self, samples: int) -> int:
        """Frames of a clip of so many samples: floor((n - kernel) / stride) + 1, layer by layer."""
        for _, kernel, stride in self.convolutions:
            samples = (samples - kernel) // stride + 1 if samples >= kernel else 0
        return samples
