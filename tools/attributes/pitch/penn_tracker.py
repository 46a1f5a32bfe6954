"""PENN (Morrison et al. 2023) over many clips: frames that may be voiced, of all clips, in batches."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import torch
from torch import Tensor
from torch.nn import functional as F

from c2ser_lightning.data.audio import SAMPLE_RATE
from tools.attributes.pitch.fcnf0 import FRAMES, Fcnf0
from tools.attributes.pitch.framing import RATE, centred_frames, may_be_voiced
from tools.attributes.pitch.settings import Clips, FrameValues, PitchError, PitchSettings

PERIODICITY = 0.15
"""Default threshold. PENN's periodicity is an entropy over all its bins, so the range of pitches lifts that of noise
and silence from 0.00 to 0.071; harmonic tones have about 0.57. On acted speech any value from 0.1 to 0.3 gives the same
mean pitch within 1 %. (The 0.065 of PENN's readme is for the full range: here every frame would pass it.)"""


class PennTracker:
    """PENN with a skip of frames without low-frequency energy; else the same function as ``penn.from_audio``."""

    def __init__(self, settings: PitchSettings) -> None:
        """Load the weights.

        Raises:
            PitchError: The weights cannot be read, or the device does not exist.
        """
        from torchaudio.transforms import Resample

        self.settings = settings
        self.device = settings.torch_device
        self.threshold = PERIODICITY if settings.periodicity is None else settings.periodicity
        self.hop = max(round(settings.hop_seconds * RATE), 1)
        self.penn = import_penn()
        self.network = Fcnf0(_weights(self.penn, settings.weights)).eval().to(self.device)
        self.resample = Resample(SAMPLE_RATE, RATE).to(self.device)

    def voiced(self, clips: Clips) -> list[FrameValues]:
        """Return, for each waveform ``[S]`` at 16 kHz, the Hz of its voiced frames ``[V]``."""
        if not clips:
            return []
        with torch.inference_mode():
            chosen = [self._frames(torch.from_numpy(clip).to(self.device)) for clip in clips]
            pitch, periodicity = self._estimates(torch.cat(chosen))
        voiced = (periodicity > self.threshold).cpu()
        sizes = [len(part) for part in chosen]
        parts = zip(torch.split(pitch.cpu(), sizes), torch.split(voiced, sizes), strict=True)
        return [values[kept].numpy() for values, kept in parts]

    def _frames(self, audio: Tensor) -> Tensor:
        frames = centred_frames(self.resample(audio), self.hop)
        return frames[may_be_voiced(frames)]

    def _estimates(self, frames: Tensor) -> tuple[Tensor, Tensor]:
        """Return Hz and periodicity ``[F]`` of frames ``[F, 1024]``."""
        pitches, periodicities = [frames.new_empty(0)], [frames.new_empty(0)]
        for batch in torch.split(frames, FRAMES):
            logits = self.network(F.pad(batch, (0, 0, 0, FRAMES - len(batch))))[: len(batch), :, None]
            _, pitch, periodicity = self.penn.postprocess(logits, self.settings.fmin, self.settings.fmax)
            pitches.append(pitch[0])
            periodicities.append(periodicity[0])
        return torch.cat(pitches), torch.cat(periodicities)


def _weights(penn: ModuleType, path: str) -> torch.nn.Sequential:
    file = Path(path) if path else Path(penn.DEFAULT_CHECKPOINT)
    if not file.is_file():
        hint = "" if path else "; penn 0.0.5 carries its weights, other releases need --pitch-weights <fcnf0++.pt>"
        raise PitchError(f"no file of PENN weights {file}{hint}")
    model: torch.nn.Sequential = penn.Model()
    try:
        model.load_state_dict(torch.load(file, map_location="cpu", weights_only=True)["model"])
    except Exception as error:
        reason = str(error).splitlines()[0]
        raise PitchError(f"{file} does not hold FCNF0++ weights as penn writes them ({reason})") from error
    return model


def import_penn() -> ModuleType:
    """Import penn, whose configuration library would otherwise read this process' own ``--config`` argument."""
    with _without_arguments():
        import penn
    return penn  # type: ignore[no-any-return]


@contextmanager
def _without_arguments() -> Iterator[None]:
    arguments, sys.argv = sys.argv, sys.argv[:1]
    try:
        yield
    finally:
        sys.argv = arguments
