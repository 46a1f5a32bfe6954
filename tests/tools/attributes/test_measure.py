import numpy as np
import pytest

from c2ser_lightning.data.record import Attributes
from tests.tools.sounds import harmonic
from tools.attributes.measure import measure_without_pitch, with_pitch
from tools.attributes.pitch import PitchSettings

TEXT = "Kids are talking by the door."


def test_rate_is_over_speech_without_silent_ends():
    speech = harmonic(200.0, 200.0, 2.0)
    bare = measure_without_pitch(speech, TEXT, "en")
    padded = measure_without_pitch(np.pad(speech, 16_000), TEXT, "en")
    assert bare.speaking_rate == pytest.approx(16 / 2.0)
    assert padded.speaking_rate == pytest.approx(bare.speaking_rate, rel=0.03)


def test_a_pause_inside_speech_is_part_of_its_time():
    speech = harmonic(200.0, 200.0, 1.0)
    paused = np.concatenate([speech, np.zeros(8000, np.float32), speech])
    assert measure_without_pitch(paused, TEXT, "en").speaking_rate == pytest.approx(16 / 2.5, rel=0.03)


def test_unknown_language_loses_the_rate_only():
    measured = measure_without_pitch(harmonic(200.0, 200.0, 0.5), "Olá", "pt")
    assert measured.speaking_rate is None
    assert measured.loudness_lufs is not None


def test_pitch_joins_what_is_known_of_each_clip():
    known = [Attributes(None, -20.0, 5.0), Attributes(None, -30.0, None)]
    first, second = with_pitch(known, [harmonic(200.0, 200.0, 0.5), np.zeros(8000, np.float32)], PitchSettings())
    assert first.pitch_hz == pytest.approx(200.0, rel=0.01)
    assert first.pitch_semitones == pytest.approx(12 * np.log2(200 / 27.5), abs=0.17)
    assert first.pitch_range_hz is not None
    assert first.pitch_range_semitones is not None
    assert (first.loudness_lufs, first.speaking_rate) == (-20.0, 5.0)
    assert second == known[1]
