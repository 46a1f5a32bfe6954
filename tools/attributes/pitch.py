"""Mean pitch by PENN (Morrison et al. 2023), with the weights that penn 0.0.5 bundles."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

import torch

from c2ser_lightning.data.audio import SAMPLE_RATE, Waveform

PERIODICITY_THRESHOLD = 0.15
"""Frames below count as unvoiced. PENN's periodicity is an entropy over all its bins, so the range below lifts that of
noise and silence from 0.00 to 0.071; harmonic tones have about 0.57. On acted speech any value from 0.1 to 0.3 gives
the same mean pitch within 1 %. (The 0.065 of PENN's readme is for the full range: here every frame would pass it.)"""

FRAMES_PER_BATCH = 32
"""Larger batches leave the processor's cache: 0.044 s of CPU per second of speech at 32, 0.13 s at 512 (50 ms hop)."""

FMIN, FMAX = 50.0, 600.0
"""Range of speaking voices in Hz; PENN itself would go to 1984."""


def mean_pitch(waveform: Waveform, hop_seconds: float = 0.05) -> float | None:
    """Return the mean fundamental frequency over voiced frames (paper III-C, step 1).

    Args:
        waveform: ``[S]`` at 16 kHz.
        hop_seconds: Distance of frames; the cost is inversely proportional, and a mean does not need 10 ms.

    Returns:
        Hz, or ``None`` when no frame is voiced.
    """
    penn = _import_penn()
    audio = torch.from_numpy(waveform).unsqueeze(0)
    with torch.inference_mode():
        pitch, periodicity = penn.from_audio(
            audio, SAMPLE_RATE, hopsize=hop_seconds, fmin=FMIN, fmax=FMAX, batch_size=FRAMES_PER_BATCH, pad=True
        )
    voiced = pitch[periodicity > PERIODICITY_THRESHOLD]
    return float(voiced.mean()) if len(voiced) else None


def _import_penn() -> ModuleType:
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
