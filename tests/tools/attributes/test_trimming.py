import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from c2ser_lightning.data.audio import SAMPLE_RATE
from tests.tools.sounds import sine
from tools.attributes.trimming import FRAME, trim_silence


@settings(deadline=None, max_examples=40)
@given(before=st.integers(0, SAMPLE_RATE), after=st.integers(0, SAMPLE_RATE))
def test_cuts_both_ends_to_a_frame(before, after):
    tone = sine(300.0, 0.5)
    noise = np.random.default_rng(0).normal(0, 1e-4, before + len(tone) + after).astype(np.float32)
    clip = noise + np.pad(tone, (before, after))
    assert abs(len(trim_silence(clip)) - len(tone)) <= 2 * FRAME


def test_pauses_inside_stay():
    clip = np.concatenate([sine(300.0, 0.2), np.zeros(SAMPLE_RATE, np.float32), sine(300.0, 0.2)])
    assert len(trim_silence(clip)) == len(clip)


def test_scale_does_not_matter():
    clip = np.pad(sine(300.0, 0.5), 4000)
    assert len(trim_silence(clip * np.float32(0.001))) == len(trim_silence(clip))


def test_shorter_than_two_frames_is_kept():
    clip = sine(300.0, 0.03)
    assert trim_silence(clip) is clip
