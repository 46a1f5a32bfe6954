import sys

import numpy as np
import pytest
import torch

from c2ser_lightning.data.audio import SAMPLE_RATE
from tests.tools.sounds import harmonic
from tools.attributes.pitch import Pitch, PitchError, PitchSettings, measure_pitch, penn_tracker, pitch_tracker


def syllables():
    """A voice with pauses: three glides, a tenth of the level of the first in the last."""
    pause = np.zeros(3000, np.float32)
    parts = [harmonic(120.0, 180.0, 0.4), pause, harmonic(220.0, 160.0, 0.3), pause, 0.1 * harmonic(140.0, 140.0, 0.3)]
    return np.concatenate(parts)


def naive(clip):
    """Hz of voiced frames by penn's own call."""
    penn = penn_tracker.import_penn()
    with torch.inference_mode():
        pitch, periodicity = penn.from_audio(
            torch.from_numpy(clip)[None], SAMPLE_RATE, hopsize=0.01, fmin=50.0, fmax=600.0, pad=True
        )
    return pitch[periodicity > penn_tracker.PERIODICITY].numpy()


def test_at_10_ms_it_finds_the_frames_of_the_naive_call():
    (found,) = pitch_tracker(PitchSettings(hop_seconds=0.01)).voiced([syllables()])
    expected = naive(syllables())
    assert len(found) >= 0.97 * len(expected)
    assert found.mean() == pytest.approx(expected.mean(), rel=0.003)
    assert np.isin(np.round(found, 1), np.round(expected, 1)).mean() > 0.95


def test_at_20_ms_the_mean_is_that_of_the_naive_call():
    (pitch,) = measure_pitch([syllables()])
    assert pitch.mean_hz == pytest.approx(naive(syllables()).mean(), rel=0.01)


def test_neighbours_do_not_change_a_digit():
    clips = [syllables(), harmonic(300.0, 200.0, 0.7), np.zeros(8000, np.float32), harmonic(90.0, 90.0, 1.3)]
    assert measure_pitch(clips) == [measure_pitch([clip])[0] for clip in clips]


def test_noise_has_no_pitch():
    noise = np.random.default_rng(0).normal(0, 0.1, SAMPLE_RATE).astype(np.float32)
    assert measure_pitch([noise]) == [Pitch()]


def test_threshold_lies_well_above_what_the_pitch_range_leaves_of_noise():
    penn = penn_tracker.import_penn()
    noise = torch.randn(1, SAMPLE_RATE, generator=torch.Generator().manual_seed(0))
    _, periodicity = penn.from_audio(noise, SAMPLE_RATE, hopsize=0.05, fmin=50.0, fmax=600.0, pad=True)
    assert 0 < periodicity.max() < penn_tracker.PERIODICITY / 2


def test_shortest_clip_has_an_answer():
    assert measure_pitch([harmonic(200.0, 200.0, 0.1)])[0].mean_hz == pytest.approx(200.0, rel=0.05)


def test_given_weights_are_used(tmp_path):
    penn = penn_tracker.import_penn()
    state = torch.load(penn.DEFAULT_CHECKPOINT, map_location="cpu", weights_only=True)["model"]
    torch.save({"model": state}, tmp_path / "same.pt")
    torch.save({"model": {name: values * 0 for name, values in state.items()}}, tmp_path / "zero.pt")
    clip = harmonic(200.0, 200.0, 0.3)
    assert measure_pitch([clip], PitchSettings(weights=str(tmp_path / "same.pt"))) == measure_pitch([clip])
    assert measure_pitch([clip], PitchSettings(weights=str(tmp_path / "zero.pt"))) == [Pitch()]


@pytest.mark.parametrize("content", [b"no checkpoint", None])
def test_a_file_that_holds_no_weights_is_said(content, tmp_path):
    file = tmp_path / "other.pt"
    torch.save({"model": {"layer": torch.zeros(1)}}, file)
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(PitchError, match=r"other\.pt does not hold FCNF0\+\+ weights"):
        pitch_tracker(PitchSettings(weights=str(file)))


def test_own_config_argument_is_not_read_by_penn(monkeypatch):
    arguments = ["prog", "--config", "train.yaml"]
    monkeypatch.setattr(sys, "argv", arguments)
    for name in [name for name in sys.modules if name.split(".")[0] in ("penn", "yapecs")]:
        monkeypatch.delitem(sys.modules, name)
    assert penn_tracker.import_penn().SAMPLE_RATE == 8000
    assert sys.argv is arguments
