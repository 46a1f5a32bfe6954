"""A frozen HuBERT over clips of any length: a clip gets the same frames alone and padded in a batch."""

from dataclasses import dataclass
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from transformers import HubertConfig, HubertModel

from c2ser_lightning.models.backbone import BackboneError, load_whole
from c2ser_lightning.models.feature_cache import pad_frames

LEAST_VARIANCE = 1e-7
"""Added to a clip's variance, as in transformers' feature extractor."""


@dataclass
class HubertSettings:
    """Which HuBERT, and how it is used.

    Attributes:
        source: Hub name or folder in Hugging Face format; ``None`` for random weights of the size below.
        normalize: Bring each clip to mean 0 and variance 1 first, as HuBERT's released feature extractors do.
        width: Width of a random encoder.
        layers: Layers of a random encoder.
        heads: Attention heads of a random encoder.
        ffn: Feed-forward width of a random encoder.
        convolution_width: Channels of a random encoder's convolutions.
        convolution_norm: Norm of a random encoder's convolutions: ``layer`` as in HuBERT large, ``group`` as in base.
    """

    source: str | None = "TencentGameMate/chinese-hubert-large"
    normalize: bool = True
    width: int = 1024
    layers: int = 24
    heads: int = 16
    ffn: int = 4096
    convolution_width: int = 512
    convolution_norm: Literal["layer", "group"] = "layer"


class HubertPerception(nn.Module):
    """The last layer's frames of a frozen HuBERT, 50 a second.

    Padding cannot reach a valid frame: clips are normalised over their own samples, frames that a clip alone would not
    have are zeroed before the positional convolution and masked in attention. The one place left is the group norm of
    HuBERT base's first convolution, whose statistics run over time, padding included. Models that have it
    (``feat_extract_norm: group``) get their convolutions clip by clip; those of HuBERT large
    (``feat_extract_norm: layer``) norm each frame by itself and run in one batch.
    """

    def __init__(self, settings: HubertSettings) -> None:
        """Load or initialise the encoder, and freeze it.

        Raises:
            BackboneError: The source is missing or cannot be made independent of padding.
        """
        super().__init__()
        self.normalize = settings.normalize
        self.encoder = (
            load_whole(HubertModel, settings.source, optional=("masked_spec_embed",))
            if settings.source
            else HubertModel(_random_config(settings))
        )
        config = self.encoder.config
        if getattr(config, "conv_pos_batch_norm", False):
            raise BackboneError(
                f"{settings.source} has a batch norm over padded positions (conv_pos_batch_norm), so its frames would "
                "depend on the batch; use another HuBERT (model.init_args.hubert.source)"
            )
        self.clip_by_clip: bool = config.feat_extract_norm == "group"
        self.width: int = config.hidden_size
        self.requires_grad_(False)
        self.train(False)

    def train(self, mode: bool = True) -> "HubertPerception":
        """Stay in eval mode: the encoder is frozen."""
        return super().train(False)

    def output_length(self, samples: int) -> int:
        """Frames of a clip of so many samples; at least one."""
        config = self.encoder.config
        for kernel, stride in zip(config.conv_kernel, config.conv_stride, strict=True):
            samples = (samples - kernel) // stride + 1
        return max(1, samples)

    @property
    def receptive_field(self) -> int:
        """Samples of the shortest clip that has a frame; shorter ones are padded to it."""
        config, field = self.encoder.config, 1
        for kernel, stride in zip(reversed(config.conv_kernel), reversed(config.conv_stride), strict=True):
            field = (field - 1) * stride + kernel
        return field

    @torch.no_grad()
    def forward(self, waveforms: Tensor, lengths: list[int]) -> tuple[Tensor, Tensor]:
        """Encode waveforms.

        Args:
            waveforms: ``[B, S]`` float at 16 kHz, zero beyond each clip's end.
            lengths: The B sample counts.

        Returns:
            ``[B, N, D]`` frames at 50 Hz and the mask ``[B, N]``, True where valid.
        """
        waveforms = F.pad(waveforms, (0, max(0, self.receptive_field - waveforms.shape[1])))
        if self.normalize:
            waveforms = _normalized(waveforms, lengths)
        local = self._local(waveforms, lengths)
        counts = torch.tensor([self.output_length(length) for length in lengths])
        valid = torch.arange(local.shape[1]) < counts.unsqueeze(1)
        valid = valid.to(local.device, non_blocking=True)
        hidden = self.encoder.feature_projection(local)
        return self.encoder.encoder(hidden, attention_mask=valid).last_hidden_state, valid

    def _local(self, waveforms: Tensor, lengths: list[int]) -> Tensor:
        """Return the convolutions' output ``[B, N, C]``."""
        convolve = self.encoder.feature_extractor
        if not self.clip_by_clip:
            local: Tensor = convolve(waveforms).transpose(1, 2)
            return local
        field = self.receptive_field
        clips = [clip[None, : max(field, length)] for clip, length in zip(waveforms, lengths, strict=True)]
        return pad_frames([convolve(clip)[0].T for clip in clips])[0]


def _normalized(waveforms: Tensor, lengths: list[int]) -> Tensor:
    """Return clips ``[B, S]`` of mean 0 and variance 1 over their own samples, zero behind them."""
    counts = torch.tensor(lengths).unsqueeze(1)
    valid = (torch.arange(waveforms.shape[1]) < counts).to(waveforms.device, non_blocking=True)
    counts = counts.to(waveforms.device, non_blocking=True)
    centred = (waveforms - (waveforms * valid).sum(1, keepdim=True) / counts) * valid
    variance = centred.square().sum(1, keepdim=True) / counts
    return centred * (variance + LEAST_VARIANCE).rsqrt()


def _random_config(settings: HubertSettings) -> HubertConfig:
    large = settings.convolution_norm == "layer"
    return HubertConfig(
        hidden_size=settings.width,
        num_hidden_layers=settings.layers,
        num_attention_heads=settings.heads,
        intermediate_size=settings.ffn,
        conv_dim=[settings.convolution_width] * 7,
        feat_extract_norm=settings.convolution_norm,
        do_stable_layer_norm=large,
        conv_bias=large,
    )
