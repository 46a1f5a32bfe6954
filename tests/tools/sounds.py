"""Sounds whose pitch, level and length are known."""

import numpy as np

from c2ser_lightning.data.audio import SAMPLE_RATE, Waveform


def sine(frequency: float, seconds: float, amplitude: float = 0.1) -> Waveform:
    time = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return (amplitude * np.sin(2 * np.pi * frequency * time)).astype(np.float32)


def harmonic(start: float, end: float, seconds: float) -> Waveform:
    """A voice-like tone of 20 falling harmonics that glides linearly between two frequencies."""
    instantaneous = np.linspace(start, end, round(seconds * SAMPLE_RATE))
    phase = 2 * np.pi * np.cumsum(instantaneous) / SAMPLE_RATE
    partials = [np.sin(n * phase) / n for n in range(1, 21) if n * max(start, end) < SAMPLE_RATE / 2]
    return (0.2 * np.sum(partials, axis=0)).astype(np.float32)
