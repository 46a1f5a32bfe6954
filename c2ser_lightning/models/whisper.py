"""Whisper's encoder over clips of any length up to 30 s, without padding them to 30 s."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from transformers import WhisperConfig
from transformers.models.whisper.modeling_whisper import WhisperEncoder

from c2ser_lightning.models.backbone import BackboneError, iterate_safetensors, resolve_folder
from c2ser_lightning.models.log_mel import HOP, LogMel
from c2ser_lightning.models.spec_augment import SpecAugment, SpecAugmentSettings


@dataclass
class WhisperSettings:
    """Which Whisper encoder, and how it is used.

    Attributes:
        source: Hub name or folder in Hugging Face format (its decoder, if any, is not loaded); ``None`` for random
            weights of the size below.
        trainable: Train the encoder (the released C2SER did); the paper's figure freezes nothing but Emotion2Vec-S.
        pad_to_30s: Feed 30 s of padded mel frames, as in Whisper's own training. Costs 4 to 8 times more on emotional
            speech, whose clips are 4 to 6.5 s long on average.
        gradient_checkpointing: Trade a third more arithmetic for activation memory, where the encoder is trained.
        augment: Hide parts of the log-mel frames in training, of a frozen encoder too; nothing is hidden without it.
        width: Width of a random encoder.
        layers: Layers of a random encoder.
        heads: Attention heads of a random encoder.
        ffn: Feed-forward width of a random encoder.
        mels: Mel bins of a random encoder.
    """

    source: str | None = "openai/whisper-medium"
    trainable: bool = False
    pad_to_30s: bool = False
    gradient_checkpointing: bool = False
    augment: SpecAugmentSettings | None = None
    width: int = 1024
    layers: int = 24
    heads: int = 16
    ffn: int = 4096
    mels: int = 80


class WhisperPerception(nn.Module):
    """Log-mel frames and Whisper's encoder; a clip gets the same output alone and padded in a batch."""

    def __init__(self, settings: WhisperSettings) -> None:
        """Load or initialise the encoder, and freeze it unless it is to be trained."""
        super().__init__()
        self.settings = settings
        self.augment = SpecAugment(settings.augment) if settings.augment else None
        self.encoder = _load(settings.source) if settings.source else WhisperEncoder(_random_config(settings))
        self.log_mel = LogMel(self.encoder.config.num_mel_bins)
        self.width: int = self.encoder.config.d_model
        if not settings.trainable:
            self.requires_grad_(False)
        elif settings.gradient_checkpointing:
            self.encoder.gradient_checkpointing_enable({"use_reentrant": False})  # type: ignore[no-untyped-call]

    def train(self, mode: bool = True) -> "WhisperPerception":
        """Switch mode; a frozen encoder stays in eval mode, but what it hears is augmented in training."""
        super().train(mode and self.settings.trainable)
        if self.augment is not None:
            self.augment.train(mode)
        return self

    @property
    def varies(self) -> bool:
        """Whether a clip can get other frames the next time."""
        trained = any(weight.requires_grad for weight in self.encoder.parameters())
        return trained or (self.augment is not None and self.augment.training)

    @staticmethod
    def output_length(samples: int) -> int:
        """Encoder frames (50 Hz) of a clip of so many samples."""
        return (LogMel.output_length(samples) + 1) // 2

    def forward(self, waveforms: Tensor, lengths: list[int]) -> tuple[Tensor, Tensor]:
        """Encode waveforms.

        Args:
            waveforms: ``[B, S]`` float at 16 kHz, zero beyond each clip's end.
            lengths: The B sample counts.

        Returns:
            ``[B, N, D]`` frames at 50 Hz and the mask ``[B, N]``, True where valid.

        Raises:
            ValueError: A clip is longer than the encoder's positions allow (30 s).
        """
        frames = self.output_length(max(lengths))
        positions = self.encoder.config.max_source_positions
        if frames > positions:
            raise ValueError(f"a clip of {max(lengths) / 16_000:.1f} s exceeds Whisper's {positions / 50:.0f} s")
        with torch.set_grad_enabled(self.settings.trainable and torch.is_grad_enabled()):
            if self.settings.pad_to_30s:
                return self._encode_padded(waveforms, lengths, frames)
            mel, valid = self.log_mel(waveforms, lengths)
            return self.encode(self._augmented(mel, lengths), valid)

    def _augmented(self, mel: Tensor, lengths: list[int]) -> Tensor:
        if self.augment is None:
            return mel
        augmented: Tensor = self.augment(mel, [LogMel.output_length(length) for length in lengths])
        return augmented

    def encode(self, mel: Tensor, valid: Tensor) -> tuple[Tensor, Tensor]:
        """Encode log-mel ``[B, T, M]`` with mask ``[B, T]``; returns ``[B, N, D]`` and ``[B, N]``, N = ceil(T/2)."""
        encoder = self.encoder
        hidden = F.gelu(encoder.conv1(mel.transpose(1, 2).to(encoder.conv1.weight.dtype)))
        # A clip alone sees zeros beyond its end in the second convolution; so must a padded one.
        hidden = hidden * valid.unsqueeze(1)
        hidden = F.gelu(encoder.conv2(hidden)).transpose(1, 2)
        valid = valid[:, ::2]
        hidden = hidden + encoder.embed_positions.weight[: hidden.shape[1]]
        hidden = F.dropout(hidden, p=encoder.dropout, training=self.training)
        bias = torch.zeros_like(valid, dtype=hidden.dtype).masked_fill(~valid, torch.finfo(hidden.dtype).min)
        bias = bias[:, None, None, :].expand(-1, 1, hidden.shape[1], -1)
        for layer in encoder.layers:
            hidden = layer(hidden, bias)
        return encoder.layer_norm(hidden), valid

    def _encode_padded(self, waveforms: Tensor, lengths: list[int], frames: int) -> tuple[Tensor, Tensor]:
        """Encode 30 s per clip, silence attended to as in Whisper's training, and cut back to the true lengths."""
        full = 2 * HOP * self.encoder.config.max_source_positions
        padded = F.pad(waveforms, (0, full - waveforms.shape[1]))
        mel, valid = self.log_mel(padded, [full] * len(lengths))
        hidden, _ = self.encode(self._augmented(mel, lengths), valid)
        counts = torch.tensor([self.output_length(length) for length in lengths]).unsqueeze(1)
        return hidden[:, :frames], (torch.arange(frames) < counts).to(hidden.device, non_blocking=True)


def _random_config(settings: WhisperSettings) -> WhisperConfig:
    return WhisperConfig(
        d_model=settings.width,
        encoder_layers=settings.layers,
        encoder_attention_heads=settings.heads,
        encoder_ffn_dim=settings.ffn,
        num_mel_bins=settings.mels,
    )


def _load(source: str) -> WhisperEncoder:
    """Load the encoder half of a Whisper folder, whatever the prefix of its tensor names and whatever their type."""
    folder = resolve_folder(source)
    encoder = WhisperEncoder(WhisperConfig.from_pretrained(folder))
    wanted = encoder.state_dict()
    found = {}
    for name, tensor in iterate_safetensors(folder):
        stem = name.rpartition("encoder.")[2]
        if stem in wanted and "decoder." not in name:
            found[stem] = tensor.to(wanted[stem].dtype)
    missing = sorted(wanted.keys() - found.keys())
    if missing:
        raise BackboneError(f"{source} lacks {len(missing)} tensors of a Whisper encoder, such as {missing[0]}")
    encoder.load_state_dict(found)
    return encoder
