"""Change one thing about a clip and leave the rest: pitch, tempo, gain; or leave nothing but silence or noise."""

import soxr
import torch
import torch.nn.functional as F
from torch import Tensor

from c2ser_lightning.data.audio import SAMPLE_RATE

WINDOW = 512
"""Samples of an analysis window, 32 ms: several periods of a low voice, and short against a syllable."""


def gained(waveform: Tensor, decibels: float) -> Tensor:
    """Return a clip ``[S]`` that is louder or softer by so many decibels."""
    return waveform * 10.0 ** (decibels / 20.0)


def stretched(waveform: Tensor, rate: float) -> Tensor:
    """Return a clip ``[S]`` spoken ``rate`` times as fast at the same pitch, by a phase vocoder (Flanagan 1966)."""
    from torchaudio.functional import phase_vocoder

    hop, window = WINDOW // 4, torch.hann_window(WINDOW)
    padded = F.pad(waveform, (0, max(0, WINDOW - len(waveform))))
    spectrum = torch.stft(padded, WINDOW, hop, window=window, return_complex=True)
    advance = torch.linspace(0, torch.pi * hop, WINDOW // 2 + 1).unsqueeze(1)
    return torch.istft(
        phase_vocoder(spectrum, rate, advance), WINDOW, hop, window=window, length=round(len(padded) / rate)
    )


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
