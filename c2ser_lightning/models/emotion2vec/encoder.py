"""Emotion2Vec assembled: features for downstream use, and the student's view for pretraining."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from c2ser_lightning.models.emotion2vec.config import Emotion2VecConfig
from c2ser_lightning.models.emotion2vec.context import ContextNetwork
from c2ser_lightning.models.emotion2vec.decoder import Decoder
from c2ser_lightning.models.emotion2vec.filterbank import gabor_filters
from c2ser_lightning.models.emotion2vec.local_encoder import LocalEncoder, normalize_waveforms
from c2ser_lightning.models.emotion2vec.masking import Mask

SAMPLE_RATE = 16_000


@dataclass(slots=True)
class Emotion2VecFeatures:
    """What the encoder says of a batch.

    Attributes:
        frames: ``[B, T, D]`` last-block output at 50 Hz.
        utterance_tokens: ``[B, E, D]`` last-block output of the learned utterance tokens.
        layer_results: Feed-forward outputs ``[B, E + T, D]`` of each main block, utterance tokens first.
        padding_mask: ``[B, T]``, True where padded.
    """

    frames: Tensor
    utterance_tokens: Tensor
    layer_results: list[Tensor]
    padding_mask: Tensor


class Emotion2Vec(nn.Module):
    """The encoder of emotion2vec and Emotion2Vec-S."""

    def __init__(self, config: Emotion2VecConfig, *, with_decoder: bool = False) -> None:
        """Build the encoder with random weights, and the decoder only for pretraining."""
        super().__init__()
        self.config = config
        self.local = LocalEncoder(config)
        self.context = ContextNetwork(config)
        self.decoder = Decoder(config) if with_decoder else None
        self.apply(_initialise)
        if config.first_filters == "gabor":
            self.local.set_first_filters(gabor_filters(*config.convolutions[0][:2]))

    @classmethod
    def from_released(cls, config: Emotion2VecConfig | None, state_dict: Mapping[str, Tensor]) -> "Emotion2Vec":
        """Build from a released state dict; sizes are read from its tensors where no config is given."""
        from c2ser_lightning.models.emotion2vec.checkpoint import build_from_released

        return build_from_released(config, state_dict)[0]

    def set_exact_padding(self, exact: bool) -> None:
        """Switch between features that are independent of the batch and the released, leaking ones."""
        self.config = replace(self.config, exact_padding=exact)
        self.context.positions.exact_padding = exact

    def local_features(self, waveforms: Tensor, padding_mask: Tensor | None) -> tuple[Tensor, Tensor | None]:
        """Map samples ``[B, S]`` (mask True where padded) to ``[B, T, D]`` and frame mask ``[B, T]`` or ``None``."""
        if waveforms.shape[1] < self.config.receptive_field:
            raise ValueError(
                f"{waveforms.shape[1]} samples at 16 kHz are too few: one frame needs {self.config.receptive_field}"
            )
        if self.config.normalize:
            waveforms = normalize_waveforms(waveforms, padding_mask)
        local = self.local(waveforms.to(self.local.projection.weight.dtype))
        return local, self._frame_mask(padding_mask, local.shape[1])

    def _frame_mask(self, padding_mask: Tensor | None, frames: int) -> Tensor | None:
        if padding_mask is None:
            return None
        lengths = (~padding_mask).sum(1)
        for _, kernel, stride in self.config.convolutions:
            lengths = torch.div(lengths - kernel, stride, rounding_mode="floor") + 1
        return torch.arange(frames, device=lengths.device) >= lengths.unsqueeze(1)

    def extract_features(
        self, waveform: Tensor, padding_mask: Tensor | None = None, *, sample_rate: int = SAMPLE_RATE
    ) -> Emotion2VecFeatures:
        """Encode speech without masking anything.

        Samples that are not finite give features that are not finite, for their utterance alone; looking for them would
        make every call wait for the device. ``data.audio.load_audio`` refuses such files.

        Args:
            waveform: ``[B, S]`` float samples at 16 kHz.
            padding_mask: ``[B, S]`` bool, True where padded; ``None`` when nothing is.
            sample_rate: Samples per second of ``waveform``, for callers that know it.

        Raises:
            ValueError: The rate is not 16 kHz, the shape or type is wrong, or the clip is shorter than one frame.
        """
        _check_input(waveform, padding_mask, sample_rate)
        local, frame_mask = self.local_features(waveform, padding_mask)
        output = self.context(local, frame_mask)
        tokens = self.config.extra_tokens
        if frame_mask is None:
            frame_mask = torch.zeros(local.shape[:2], dtype=torch.bool, device=local.device)
        return Emotion2VecFeatures(
            output.hidden[:, tokens:], output.hidden[:, :tokens], output.layer_results, frame_mask
        )

    def student(self, local: Tensor, frame_mask: Tensor | None, mask: Mask, noise_std: float) -> tuple[Tensor, Tensor]:
        """Encode kept frames and predict targets at every place.

        Args:
            local: Local features ``[B, T, D]`` of B utterances, computed once for all their clones.
            frame_mask: ``[B, T]``, True where padded.
            mask: Masks of R rows; R is a multiple of B and the clones of an utterance are next to each other.
            noise_std: Noise at masked places of the decoder's input.

        Returns:
            Encoder output ``[R, E + N, D]`` and predictions ``[R, T, D]``.

        Raises:
            RuntimeError: The model was built without a decoder.
        """
        if self.decoder is None:
            raise RuntimeError("the student path needs a decoder: build with with_decoder=True")
        clones = len(mask.kept) // len(local)
        local = local.repeat_interleave(clones, 0)
        frame_mask = None if frame_mask is None else frame_mask.repeat_interleave(clones, 0)
        encoded = self.context(local, frame_mask, mask).hidden
        return encoded, self.decoder(encoded[:, self.config.extra_tokens :], mask, noise_std)


def _check_input(waveform: Tensor, padding_mask: Tensor | None, sample_rate: int) -> None:
    if sample_rate != SAMPLE_RATE:
        raise ValueError(
            f"Emotion2Vec hears {SAMPLE_RATE} samples a second, not {sample_rate}; resample first, for instance with "
            "c2ser_lightning.data.audio.load_audio"
        )
    if waveform.ndim != 2 or not waveform.is_floating_point():
        raise ValueError(
            f"expected float waveforms [B, S], got {tuple(waveform.shape)} of {waveform.dtype}; "
            "a single clip is waveform[None]"
        )
    if padding_mask is not None and padding_mask.shape != waveform.shape:
        raise ValueError(
            f"the padding mask has shape {tuple(padding_mask.shape)}, the waveforms {tuple(waveform.shape)}; "
            "the mask is over samples, True where padded"
        )


def _initialise(module: nn.Module) -> None:
    """Initialise like data2vec: N(0, 0.02) for linear layers, He for convolutions, identity for norms."""
    if isinstance(module, nn.Linear):
        nn.init.normal_(module.weight, std=0.02)
        nn.init.zeros_(module.bias)
    elif isinstance(module, nn.Conv1d):
        nn.init.kaiming_normal_(module.weight)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
