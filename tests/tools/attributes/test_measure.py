import numpy as np
import pytest

from tests.tools.sounds import harmonic
from tools.attributes.measure import measure


def test_rate_is_over_speech_without_silent_ends():
    speech = harmonic(200.0, 200.0, 2.0)
    bare = measure(speech, "Kids are talking by the door.", "en", 0.05)
    padded = measure(np.pad(speech, 16_000), "Kids are talking by the door.", "en", 0.05)
    assert bare.speaking_rate == pytest.approx(16 / 2.0)
    assert padded.speaking_rate == pytest.approx(bare.speaking_rate, rel=0.03)
    assert padded.pitch_hz == pytest.approx(200.0, rel=0.01)


def test_unknown_language_loses_the_rate_only():
    measured = measure(harmonic(200.0, 200.0, 0.5), "Olá", "pt", 0.05)
    assert measured.speaking_rate is None
    assert measured.pitch_hz is not None
    assert measured.loudness_lufs is not None
