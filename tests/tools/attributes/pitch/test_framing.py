import numpy as np
import pytest
import torch

from tests.tools.sounds import harmonic, sine
from tools.attributes.pitch.framing import BELOW_LOUDEST_DB, WINDOW, centred_frames, may_be_voiced


@pytest.mark.parametrize(("hop", "first"), [(80, 40), (160, 120), (400, 200), (40, 40)])
def test_centres_lie_on_the_grid_of_10_ms(hop, first):
    frames = centred_frames(torch.arange(1.0, 4001.0), hop)
    assert frames.shape == (-(-(4000 - first) // hop), WINDOW)
    assert frames[:, WINDOW // 2].tolist() == [first + 1.0 + hop * number for number in range(len(frames))]


def test_frames_are_those_of_penn():
    audio = torch.randn(1, 8000)
    penn = pytest.importorskip("tools.attributes.pitch.penn_tracker").import_penn()
    ((expected, _),) = penn.preprocess(audio, 8000, 0.01, None, True)
    assert torch.equal(centred_frames(audio[0], 80), expected[:, 0])


@pytest.mark.parametrize("samples", [1, 39, 100, 200])
def test_shortest_clip_has_one_frame(samples):
    assert centred_frames(torch.ones(samples), 400).shape == (1, WINDOW)


def framed(clip):
    """Frames of 20 ms of a clip at 16 kHz without content above 4 kHz."""
    return centred_frames(torch.from_numpy(clip[::2].copy()), 160)


def hiss(seconds):
    """Noise of which next to nothing lies below 1 kHz."""
    spectrum = np.fft.rfft(np.random.default_rng(0).normal(size=round(16_000 * seconds)))
    frequency = np.fft.rfftfreq(round(16_000 * seconds), 1 / 16_000)
    return np.fft.irfft(spectrum * ((frequency > 2000) & (frequency < 3900))).astype(np.float32)


def test_silence_and_hiss_are_skipped_and_quiet_voice_is_not():
    quiet = 0.1 * harmonic(150.0, 150.0, 0.5)
    parts = [harmonic(150.0, 150.0, 0.5), np.zeros(8000, np.float32), quiet, 0.1 * hiss(0.5)]
    kept = may_be_voiced(framed(np.concatenate(parts)))
    # Half a frame's core at each seam may go either way.
    assert kept[:23].all()
    assert not kept[27:48].any()
    assert kept[52:73].all()
    assert not kept[77:].any()


def test_gate_lies_where_it_says():
    loud = sine(300.0, 0.5, 0.5)
    for below, expected in ((BELOW_LOUDEST_DB - 1, True), (BELOW_LOUDEST_DB + 1, False)):
        quiet = sine(300.0, 0.5, 0.5 * 10 ** (-below / 20))
        kept = may_be_voiced(framed(np.concatenate([loud, quiet])))
        assert bool(kept[35]) is expected


def test_digital_silence_has_no_frame():
    assert not may_be_voiced(torch.zeros(10, WINDOW)).any()
