"""What a probe asks of a frozen speech encoder, whoever trained it."""

from abc import ABC, abstractmethod

import torch
from torch import Tensor, nn

from c2ser_lightning.models.backbone import BackboneError

SAMPLE_RATE = 16_000


class UpstreamError(BackboneError):
    """An upstream cannot be built; the message names its source and what to do."""


class Upstream(nn.Module, ABC):
    """A frozen encoder: waveforms in, last-layer frames out.

    Attributes:
        dimension: Width D of a frame.
        hop: Samples between two frames.
        exact_in_batches: Whether an utterance gets the same frames alone and padded in a batch. Where not, callers that
            keep features must ask for one utterance at a time.
        shortest: Samples of the shortest clip that has a frame.
        longest: Samples of the longest clip that the encoder can hear, or ``None``.
    """

    dimension: int
    hop: int
    exact_in_batches: bool
    shortest: int = 1
    longest: int | None = None

    def train(self, mode: bool = True) -> "Upstream":
        """Stay in eval mode."""
        return super().train(False)

    @torch.inference_mode()
    def extract(self, waveforms: Tensor, lengths: list[int]) -> tuple[Tensor, Tensor]:
        """Encode speech.

        Args:
            waveforms: ``[B, S]`` float at 16 kHz, zero beyond each clip's end.
            lengths: The B sample counts.

        Returns:
            Frames ``[B, T, D]`` and the mask ``[B, T]``, True where a frame is the clip's; such frames come first.

        Raises:
            ValueError: A clip is shorter or longer than the encoder can hear; :meth:`objection` says so beforehand.
        """
        for samples in lengths:
            if objection := self.objection(samples):
                raise ValueError(objection)
        return self._extract(waveforms, lengths)

    def objection(self, samples: int) -> str | None:
        """Return why a clip of so many samples cannot be encoded, or ``None``."""
        seconds = samples / SAMPLE_RATE
        if samples < self.shortest:
            return f"{seconds:.3f} s is shorter than this encoder's one frame, {self.shortest / SAMPLE_RATE:.3f} s"
        if self.longest is not None and samples > self.longest:
            return f"{seconds:.1f} s is longer than this encoder's {self.longest / SAMPLE_RATE:.0f} s"
        return None

    @abstractmethod
    def _extract(self, waveforms: Tensor, lengths: list[int]) -> tuple[Tensor, Tensor]:
        """Encode clips whose lengths are fine."""


def leading(counts: Tensor, frames: int) -> Tensor:
    """Return the mask ``[B, frames]`` that is True for the first ``counts[b]`` frames of each row."""
    return torch.arange(frames, device=counts.device) < counts.unsqueeze(1)
