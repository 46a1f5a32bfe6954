"""From a spoken line to what a microphone would give: spectral tilt, level, background noise, 16 kHz."""

import numpy as np
import soxr

from c2ser_lightning.data.audio import SAMPLE_RATE, Waveform
from tools.demo_corpus.espeak import speak
from tools.demo_corpus.prosody import Difficulty, perform
from tools.demo_corpus.script import Line

NEUTRAL_LEVEL = -26.0
"""Level of neutral speech in dBFS (root mean square); loud anger then still stays below clipping."""

TILT_FROM = 1000.0


def record(line: Line, difficulty: Difficulty, seed: int) -> Waveform:
    """Speak one line.

    Returns:
        Waveform ``[S]`` at 16 kHz.
    """
    generator = line.generator(seed)
    performance = perform(line.voice, line.emotion, difficulty, generator)
    raw, rate = speak(line.text, performance.manner)
    speech = tilted(soxr.resample(raw, rate, SAMPLE_RATE, quality="VHQ"), performance.tilt)
    level = NEUTRAL_LEVEL + performance.gain
    speech *= _amplitude(level) / (np.sqrt(np.mean(np.square(speech))) + 1e-9)
    noise = generator.standard_normal(len(speech)) * _amplitude(level - performance.noise)
    return np.clip(speech + noise, -1, 1).astype(np.float32)


def tilted(waveform: Waveform, tilt: float) -> Waveform:
    """Raise (or lower) what lies above 1 kHz by ``tilt`` decibels an octave; ``[S]`` in and out."""
    spectrum = np.fft.rfft(waveform)
    frequencies = np.fft.rfftfreq(len(waveform), 1 / SAMPLE_RATE)
    octaves = np.log2(np.maximum(frequencies, TILT_FROM) / TILT_FROM)
    return np.fft.irfft(spectrum * _amplitude(tilt * octaves), len(waveform)).astype(np.float32)


def _amplitude(decibels: np.ndarray | float) -> np.ndarray | float:
    return 10 ** (np.asarray(decibels) / 20)
