import numpy as np
import pytest

from c2ser_lightning.data.record import Attributes
from tests.tools.sounds import harmonic
from tools.attributes.measure import speaking_rate, speech_seconds, with_pitch
from tools.attributes.pitch import PitchSettings

TEXT = "Kids are talking by the door."


def test_rate_is_over_speech_without_silent_ends():
    speech = harmonic(200.0, 200.0, 2.0)
    bare = speaking_rate(TEXT, "en", speech_seconds(speech))
    padded = speaking_rate(TEXT, "en", speech_seconds(np.pad(speech, 16_000)))
    assert bare == pytest.approx(16 / 2.0)
    assert padded == pytest.approx(bare, rel=0.03)


def test_a_pause_inside_speech_is_part_of_its_time():
    speech = harmonic(200.0, 200.0, 1.0)
    paused = np.concatenate([speech, np.zeros(8000, np.float32), speech])
    assert speaking_rate(TEXT, "en", speech_seconds(paused)) == pytest.approx(16 / 2.5, rel=0.03)


def test_an_unknown_language_has_no_rate():
    assert speaking_rate("Olá", "pt", 0.5) is None


def test_pitch_joins_what_is_known_of_each_clip():
    known = [Attributes(None, -20.0, 5.0), Attributes(None, -30.0, None)]
    first, second = with_pitch(known, [harmonic(200.0, 200.0, 0.5), np.zeros(8000, np.float32)], PitchSettings())
    assert first.pitch_hz == pytest.approx(200.0, rel=0.01)
    assert first.pitch_semitones == pytest.approx(12 * np.log2(200 / 27.5), abs=0.17)
    assert first.pitch_range_hz is not None
    assert first.pitch_range_semitones is not None
    assert (first.loudness_lufs, first.speaking_rate) == (-20.0, 5.0)
    assert second == known[1]
