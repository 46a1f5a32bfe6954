import sys

import numpy as np
import pytest
import torch

from c2ser_lightning.data.audio import SAMPLE_RATE
from tests.tools.sounds import harmonic
from tools.attributes import pitch
from tools.attributes.pitch import mean_pitch


@pytest.mark.parametrize("frequency", [80.0, 120.0, 220.0, 350.0])
def test_harmonic_tone_within_one_percent(frequency):
    assert mean_pitch(harmonic(frequency, frequency, 1.0)) == pytest.approx(frequency, rel=0.01)


def test_glide_has_the_mean_of_its_ends():
    assert mean_pitch(harmonic(150.0, 250.0, 2.0)) == pytest.approx(200.0, rel=0.01)


def test_silent_half_does_not_count():
    clip = np.concatenate([harmonic(200.0, 200.0, 1.0), np.zeros(SAMPLE_RATE, np.float32)])
    assert mean_pitch(clip) == pytest.approx(200.0, rel=0.01)


def test_noise_and_silence_have_no_pitch():
    noise = np.random.default_rng(0).normal(0, 0.1, SAMPLE_RATE).astype(np.float32)
    assert mean_pitch(noise) is None
    assert mean_pitch(np.zeros(SAMPLE_RATE, np.float32)) is None


def test_threshold_lies_well_above_what_the_pitch_range_leaves_of_noise():
    penn = pitch._import_penn()
    noise = torch.randn(1, SAMPLE_RATE, generator=torch.Generator().manual_seed(0))
    _, periodicity = penn.from_audio(noise, SAMPLE_RATE, hopsize=0.05, fmin=pitch.FMIN, fmax=pitch.FMAX, pad=True)
    assert 0 < periodicity.max() < pitch.PERIODICITY_THRESHOLD / 2


def test_batches_of_frames_do_not_change_the_answer(monkeypatch):
    glide = harmonic(120.0, 260.0, 3.0)
    small = mean_pitch(glide)
    monkeypatch.setattr(pitch, "FRAMES_PER_BATCH", 4096)
    assert mean_pitch(glide) == pytest.approx(small, rel=1e-5)


def test_shortest_clip_has_an_answer():
    assert mean_pitch(harmonic(200.0, 200.0, 0.1)) == pytest.approx(200.0, rel=0.05)


def test_own_config_argument_is_not_read_by_penn(monkeypatch):
    arguments = ["prog", "--config", "train.yaml"]
    monkeypatch.setattr(sys, "argv", arguments)
    for name in [name for name in sys.modules if name.split(".")[0] in ("penn", "yapecs")]:
        monkeypatch.delitem(sys.modules, name)
    assert pitch._import_penn().SAMPLE_RATE == 8000
    assert sys.argv is arguments
