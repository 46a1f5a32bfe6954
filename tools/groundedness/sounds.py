"""Change one thing about a clip and leave the rest: pitch, tempo, gain; or leave nothing but silence or noise."""

import numpy as np
import soxr
import torch
import torch.nn.functional as F
from torch import Tensor

from c2ser_lightning.data.audio import SAMPLE_RATE

WINDOW, REACH = 512, 128
"""Samples of a window, 32 ms: several periods of a low voice and short against a syllable; and of the search."""


def gained(waveform: Tensor, decibels: float) -> Tensor:
    """Return a clip ``[S]`` that is louder or softer by so many decibels."""
    return waveform * float(10.0 ** (decibels / 20.0))


def stretched(waveform: Tensor, rate: float) -> Tensor:
    """Return a clip ``[S]`` spoken ``rate`` times as fast at the same pitch (WSOLA, Verhelst and Roelands 1993).

    Windows are taken from the clip every ``rate`` half windows, each moved to where it continues the one before best,
    and added every half window; unlike a phase vocoder's, the result is as loud as the clip.
    """
    hop, length = WINDOW // 2, round(len(waveform) / rate)
    padded = np.pad(waveform.numpy(), (REACH, REACH + 2 * WINDOW + hop))
    frames, out = -(-length // hop) + 1, np.zeros(length + 2 * WINDOW, dtype=np.float32)
    window = np.hanning(WINDOW + 1)[:-1].astype(np.float32)
    continuation = REACH
    for frame in range(frames):
        start = min(round(frame * hop * rate), len(waveform))
        scope = padded[start : start + WINDOW + 2 * REACH]
        joint = np.correlate(scope, padded[continuation : continuation + WINDOW], "valid").argmax() if frame else REACH
        place = start + int(joint)
        out[frame * hop : frame * hop + WINDOW] += window * padded[place : place + WINDOW]
        continuation = place + hop
    return torch.from_numpy(out[:length])


def pitched(waveform: Tensor, semitones: float) -> Tensor:
    """Return a clip ``[S]`` of the same length that is higher by so many semitones, formants and all.

    It is stretched at the same pitch, and played back so much faster.
    """
    ratio = 2.0 ** (semitones / 12.0)
    longer = stretched(waveform, 1.0 / ratio).numpy()
    played = torch.from_numpy(soxr.resample(longer, SAMPLE_RATE * ratio, SAMPLE_RATE))
    return F.pad(played, (0, max(0, len(waveform) - len(played))))[: len(waveform)]


def silent(waveform: Tensor) -> Tensor:
    """Return as many zeros."""
    return torch.zeros_like(waveform)


def noise_like(waveform: Tensor, seed: int) -> Tensor:
    """Return white noise of the same length and power."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(len(waveform), generator=generator) * waveform.pow(2).mean().sqrt()
