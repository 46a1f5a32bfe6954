"""Integrated loudness by pyloudnorm (ITU-R BS.1770-4)."""

import math
import warnings

import numpy as np
import pyloudnorm

from c2ser_lightning.data.audio import SAMPLE_RATE, Waveform

BLOCK_SECONDS = 0.4


def integrated_loudness(waveform: Waveform) -> float | None:
    """Return the loudness of a clip.

    BS.1770 gates blocks of 0.4 s. A shorter clip is measured as one block of its own length, which is the same measure
    without gating. Silence has no loudness.

    Args:
        waveform: ``[S]`` at 16 kHz.

    Returns:
        LUFS, or ``None`` for silence, for a clip without samples, and for what lies wholly below the standard's
        absolute gate of -70 LUFS.
    """
    if not len(waveform):
        return None
    # A hair below the clip's length: pyloudnorm compares samples with seconds times rate, which may round up.
    whole = len(waveform) / SAMPLE_RATE * (1 - 1e-9)
    meter = pyloudnorm.Meter(SAMPLE_RATE, block_size=min(BLOCK_SECONDS, whole))
    with warnings.catch_warnings(), np.errstate(divide="ignore"):
        warnings.simplefilter("ignore", RuntimeWarning)
        value = float(meter.integrated_loudness(waveform.astype(np.float64)))
    return value if math.isfinite(value) else None
