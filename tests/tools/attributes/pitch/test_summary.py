import numpy as np
import pytest

from tools.attributes.pitch import Pitch


def test_no_voiced_frame_no_value():
    assert Pitch.of(np.zeros(0, np.float32)) == Pitch(None, None, None, None)


def test_one_frame_has_no_range():
    assert Pitch.of(np.array([55.0], np.float32)) == Pitch(55.0, 0.0, 12.0, 0.0)


def test_mean_and_range_by_hand():
    # 101 values, so that the 5th and 95th percentile are the values 5 and 95.
    frequencies = np.arange(100.0, 201.0, dtype=np.float32)
    pitch = Pitch.of(frequencies)
    assert (pitch.mean_hz, pitch.range_hz) == (150.0, 90.0)
    assert pitch.range_semitones == pytest.approx(12 * np.log2(195 / 105), abs=1e-3)
    assert pitch.mean_semitones == pytest.approx(np.mean(12 * np.log2(frequencies / 27.5)), abs=1e-3)


def test_octave_errors_in_few_frames_do_not_set_the_range():
    assert Pitch.of(np.array([200.0] * 97 + [100.0, 400.0, 400.0], np.float32)).range_hz == 0.0
