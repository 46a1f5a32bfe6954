"""From a spoken line to what a microphone would give: voice quality, spectral tilt, level, background noise, 16 kHz."""

import numpy as np
import soxr

from c2ser_lightning.data.audio import SAMPLE_RATE, Waveform
from tools.demo_corpus.espeak import speak
from tools.demo_corpus.prosody import Difficulty, perform
from tools.demo_corpus.script import Line

NEUTRAL_LEVEL = -26.0
"""Level of neutral speech in dBFS (root mean square); loud anger then still stays below clipping."""

TILT_FROM = 1000.0
BREATH_FROM = 2000.0
ENVELOPE = SAMPLE_RATE // 50


def record(line: Line, difficulty: Difficulty, seed: int) -> Waveform:
    """Speak one line.

    Returns:
        Waveform ``[S]`` at 16 kHz.
    """
    generator = line.generator(seed)
    performance = perform(line.voice, line.emotion, difficulty, generator)
    raw, rate = speak(line.text, performance.manner)
    speech = tilted(soxr.resample(raw, rate, SAMPLE_RATE, quality="VHQ"), performance.tilt)
    speech = roughened(breathed(speech, performance.breath, generator), performance.roughness, generator)
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


def breathed(voice: Waveform, breath: float, generator: np.random.Generator) -> Waveform:
    """Add aspiration noise above 2 kHz that swells and falls with the voice ``[S]``, ``breath`` decibels against it."""
    spectrum = np.fft.rfft(generator.standard_normal(len(voice)))
    spectrum[np.fft.rfftfreq(len(voice), 1 / SAMPLE_RATE) < BREATH_FROM] = 0
    envelope = np.sqrt(np.convolve(np.square(voice), np.full(ENVELOPE, 1 / ENVELOPE), mode="same"))
    noise = np.fft.irfft(spectrum, len(voice)) * envelope
    wanted = _amplitude(breath) * np.sqrt(np.mean(np.square(voice)))
    breathy: Waveform = (voice + noise * wanted / (np.sqrt(np.mean(np.square(noise))) + 1e-9)).astype(np.float32)
    return breathy


def roughened(voice: Waveform, depth: float, generator: np.random.Generator) -> Waveform:
    """Modulate the amplitude of a voice ``[S]`` at 50 to 70 Hz, as vocal fry does, by ``depth`` between 0 and 1."""
    cycles = generator.uniform(50, 70) * np.arange(len(voice)) / SAMPLE_RATE + generator.uniform()
    rough: Waveform = (voice * (1 + depth * np.sin(2 * np.pi * cycles))).astype(np.float32)
    return rough


def _amplitude(decibels: np.ndarray | float) -> np.ndarray | float:
    return 10 ** (np.asarray(decibels) / 20)
