"""What a change does to a tone, measured by its spectrum."""

import numpy as np
import pytest
import torch

from c2ser_lightning.data.audio import SAMPLE_RATE
from tools.groundedness.sounds import gained, noise_like, pitched, silent, stretched


def tone(hertz: float = 220.0, seconds: float = 1.5) -> torch.Tensor:
    time = torch.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return 0.3 * torch.sin(2 * torch.pi * hertz * time)


def peak(waveform: torch.Tensor) -> float:
    spectrum = np.abs(np.fft.rfft(waveform.numpy() * np.hanning(len(waveform))))
    return float(np.argmax(spectrum)) * SAMPLE_RATE / len(waveform)


@pytest.mark.parametrize("semitones", [-4, 4])
def test_pitch_moves_and_length_stays(semitones):
    made = pitched(tone(), semitones)
    assert len(made) == len(tone())
    assert peak(made) == pytest.approx(220 * 2 ** (semitones / 12), rel=0.02)


@pytest.mark.parametrize("rate", [1.3, 1 / 1.3])
def test_tempo_moves_and_pitch_and_power_stay(rate):
    made = stretched(tone(), rate)
    assert len(made) == pytest.approx(len(tone()) / rate, abs=1)
    assert peak(made) == pytest.approx(220, rel=0.02)
    assert float(made[4000:-4000].pow(2).mean()) == pytest.approx(float(tone().pow(2).mean()), rel=0.1)


def test_a_clip_shorter_than_a_window_is_stretched_too():
    assert len(stretched(tone(seconds=0.01), 1.3)) > 0


def test_gain_is_in_decibels():
    assert float(gained(tone(), 20).abs().max() / tone().abs().max()) == pytest.approx(10.0)


def test_silence_and_noise_keep_length_and_noise_keeps_power():
    assert silent(tone()).abs().max() == 0
    made = noise_like(tone(), 3)
    assert len(made) == len(tone())
    assert float(made.pow(2).mean()) == pytest.approx(float(tone().pow(2).mean()), rel=0.05)
    assert abs(peak(made) - 220) > 0
    assert torch.equal(made, noise_like(tone(), 3))
