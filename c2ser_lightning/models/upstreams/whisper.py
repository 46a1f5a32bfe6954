"""Whisper's encoder as an upstream."""

from torch import Tensor

from c2ser_lightning.models.log_mel import HOP
from c2ser_lightning.models.upstreams.base import Upstream
from c2ser_lightning.models.whisper import WhisperPerception, WhisperSettings


class WhisperUpstream(Upstream):
    """Last-layer frames of a Whisper folder."""

    exact_in_batches = True
    hop = 2 * HOP
    shortest = HOP

    def __init__(self, folder: str, *, pad_to_30s: bool) -> None:
        """Load the encoder half; ``pad_to_30s`` as in Whisper's own training, and in EmoBox."""
        super().__init__()
        self.perception = WhisperPerception(WhisperSettings(source=folder, pad_to_30s=pad_to_30s))
        self.dimension = self.perception.width
        self.longest = self.perception.encoder.config.max_source_positions * self.hop

    def _extract(self, waveforms: Tensor, lengths: list[int]) -> tuple[Tensor, Tensor]:
        return self.perception(waveforms, lengths)  # type: ignore[no-any-return]
