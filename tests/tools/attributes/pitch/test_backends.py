"""Every tracker against tones and glides of known pitch, and what is said when one cannot be used."""

import sys

import numpy as np
import pytest

from c2ser_lightning.data.audio import SAMPLE_RATE
from tests.tools.sounds import harmonic
from tools.attributes.pitch import TRACKERS, Pitch, PitchError, PitchSettings, backends, measure_pitch, pitch_tracker


@pytest.fixture(params=sorted(TRACKERS))
def settings(request):
    if request.param == "swift":
        pytest.importorskip("swift_f0")
    return PitchSettings(request.param)


def test_tones_within_one_percent(settings):
    frequencies = [80.0, 90.0, 120.0, 140.0, 220.0, 330.0, 350.0]
    measured = measure_pitch([harmonic(frequency, frequency, 1.0) for frequency in frequencies], settings)
    for pitch, frequency in zip(measured, frequencies, strict=True):
        assert pitch.mean_hz == pytest.approx(frequency, rel=0.01)
        assert pitch.mean_semitones == pytest.approx(12 * np.log2(frequency / 27.5), abs=0.17)
        assert pitch.range_semitones < 0.3


def test_glide_has_its_mean_and_its_range(settings):
    (pitch,) = measure_pitch([harmonic(150.0, 250.0, 2.0)], settings)
    assert pitch.mean_hz == pytest.approx(200.0, rel=0.01)
    # From the 5th to the 95th percentile a linear glide covers nine tenths of its way.
    assert pitch.range_hz == pytest.approx(90.0, rel=0.05)
    assert pitch.range_semitones == pytest.approx(12 * np.log2(245 / 155), rel=0.05)


def test_silence_does_not_count(settings):
    clip = np.concatenate([harmonic(200.0, 200.0, 1.0), np.zeros(SAMPLE_RATE, np.float32)])
    assert measure_pitch([clip], settings)[0].mean_hz == pytest.approx(200.0, rel=0.01)


def test_silence_has_no_pitch(settings):
    assert measure_pitch([np.zeros(SAMPLE_RATE, np.float32)], settings) == [Pitch()]


def test_no_clips_no_answers(settings):
    assert measure_pitch([], settings) == []


def test_a_strict_threshold_leaves_no_voiced_frame():
    assert measure_pitch([harmonic(200.0, 200.0, 0.5)], PitchSettings(periodicity=0.99)) == [Pitch()]


def test_default_is_penn_at_20_ms():
    clip = harmonic(150.0, 250.0, 0.6)
    assert measure_pitch([clip]) == measure_pitch([clip], PitchSettings("penn", 0.02, 0.15))


def test_a_process_loads_a_tracker_once():
    assert pitch_tracker(PitchSettings()) is pitch_tracker(PitchSettings())


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (PitchSettings("crepe"), "no pitch tracker 'crepe'; there are: penn, swift"),
        (PitchSettings(weights="gone.pt"), "no file of PENN weights gone.pt"),
        (PitchSettings(device="gpu"), "no device 'gpu'; give auto, cpu, cuda"),
        (PitchSettings(device="cuda:99"), "no device 'cuda:99': this machine has"),
    ],
)
def test_what_cannot_be_used_is_said(settings, message):
    with pytest.raises(PitchError, match=message):
        measure_pitch([harmonic(200.0, 200.0, 0.2)], settings)


def test_a_missing_package_names_its_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "swift_f0", None)
    backends.pitch_tracker.cache_clear()
    with pytest.raises(PitchError, match="extra swift"):
        pitch_tracker(PitchSettings("swift"))


def test_swift_takes_no_weights():
    pytest.importorskip("swift_f0")
    with pytest.raises(PitchError, match="weights of its own"):
        pitch_tracker(PitchSettings("swift", weights="x.pt"))
