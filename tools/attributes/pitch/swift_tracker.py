"""SwiftF0 (Nieradzik 2025, arXiv 2508.18440): a small convolutional tracker, a third of fast PENN's cost."""

from c2ser_lightning.data.audio import SAMPLE_RATE
from tools.attributes.pitch.settings import Clips, FrameValues, PitchError, PitchSettings

CONFIDENCE = 0.5
"""Default threshold: the confidence is calibrated so that a frame is voiced from here on."""


class SwiftTracker:
    """SwiftF0 at its own hop of 16 ms, on the processor, with the weights of its package."""

    def __init__(self, settings: PitchSettings) -> None:
        """Load the model.

        Raises:
            PitchError: The package is not installed, or weights are given, which it cannot take.
        """
        try:
            from swift_f0 import SwiftF0
        except ImportError as error:
            raise PitchError(
                "the pitch tracker 'swift' needs the extra swift: pip install 'c2ser_lightning[swift]'"
            ) from error
        if settings.weights:
            raise PitchError("the pitch tracker 'swift' has weights of its own; --pitch-weights is for penn")
        self.settings = settings
        self.threshold = CONFIDENCE if settings.periodicity is None else settings.periodicity
        # One thread: processes share the cores.
        self.detector = SwiftF0(threads=1, spin=False)

    def voiced(self, clips: Clips) -> list[FrameValues]:
        """Return, for each waveform ``[S]`` at 16 kHz, the Hz of its voiced frames ``[V]``."""
        found = (self.detector.detect(clip, SAMPLE_RATE, self.settings.fmin, self.settings.fmax) for clip in clips)
        return [one.pitch_hz[one.confidence >= self.threshold].astype("float32") for one in found]
