"""Attributes against signals with known truth."""

import numpy as np
import pytest

from c2ser_lightning.data.audio import SAMPLE_RATE
from tools.attributes.loudness import integrated_loudness
from tools.attributes.measure import measure
from tools.attributes.phonemes import count_phonemes
from tools.attributes.pitch import mean_pitch
from tools.attributes.trimming import trim_silence


def harmonic(frequency: np.ndarray) -> np.ndarray:
    """A harmonic tone that follows a frequency in Hz, sample by sample."""
    phase = 2 * np.pi * np.cumsum(frequency) / SAMPLE_RATE
    return (0.2 * sum(np.sin(k * phase) / k for k in range(1, 8))).astype(np.float32)


@pytest.mark.parametrize("frequency", [90.0, 140.0, 220.0, 330.0])
def test_pitch_of_a_tone_within_one_percent(frequency):
    assert mean_pitch(harmonic(np.full(SAMPLE_RATE, frequency))) == pytest.approx(frequency, rel=0.01)


def test_pitch_of_a_glide_is_its_mean():
    assert mean_pitch(harmonic(np.linspace(150, 250, 2 * SAMPLE_RATE))) == pytest.approx(200, rel=0.01)


def test_noise_has_no_pitch():
    assert mean_pitch(np.random.default_rng(0).normal(size=SAMPLE_RATE).astype(np.float32) * 0.1) is None


def sine(decibels: float, seconds: float = 3.0) -> np.ndarray:
    time = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return (10 ** (decibels / 20) * np.sin(2 * np.pi * 997 * time)).astype(np.float32)


@pytest.mark.parametrize("decibels", [-3.0, -20.0, -40.0])
def test_loudness_of_the_reference_tone(decibels):
    """BS.1770: a 997 Hz sine at 0 dBFS in one channel reads -3.01 LUFS."""
    assert integrated_loudness(sine(decibels)) == pytest.approx(decibels - 3.01, abs=0.1)


def test_loudness_of_short_clips_and_of_silence_is_defined():
    assert integrated_loudness(sine(-20.0, seconds=0.2)) == pytest.approx(-23.01, abs=0.3)
    assert integrated_loudness(np.zeros(SAMPLE_RATE, np.float32)) is None


@pytest.mark.parametrize(
    ("text", "language", "phonemes"),
    [
        ("cat", "en", 3),  # k æ t
        ("ship", "en", 3),  # ʃ ɪ p
        ("mano", "it", 4),
        ("mesa", "es", 4),
        ("dom", "pl", 3),
        ("Hut", "de", 3),
        ("妈妈", "zh", 4),
    ],
)
def test_hand_counted_phonemes(text, language, phonemes):
    assert count_phonemes(text, language) == phonemes


def test_tones_stress_and_punctuation_are_no_phonemes():
    assert count_phonemes("cat, cat!", "en") == 2 * count_phonemes("cat", "en")


@pytest.mark.parametrize(("text", "language"), [("hello", "xx"), ("", "en"), ("...", "en")])
def test_no_voice_or_no_words_give_no_count(text, language):
    assert count_phonemes(text, language) is None


def test_trimming_cuts_both_ends_and_keeps_the_pause_inside():
    speech, pause = sine(-20.0, 0.5), np.zeros(SAMPLE_RATE // 4, np.float32)
    waveform = np.concatenate([pause, speech, pause, speech, pause, pause])
    assert len(trim_silence(waveform)) == pytest.approx(1.25 * SAMPLE_RATE, abs=2 * SAMPLE_RATE / 50)


def test_rate_counts_phonemes_over_speech_only():
    pause = np.zeros(SAMPLE_RATE, np.float32)
    measured = measure(np.concatenate([pause, harmonic(np.full(SAMPLE_RATE, 150.0)), pause]), "cat cat", "en", 0.05)
    assert measured.speaking_rate == pytest.approx(6.0, rel=0.05)
    assert measured.pitch_hz == pytest.approx(150, rel=0.01)
