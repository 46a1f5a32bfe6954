import numpy as np
import pytest

from c2ser_lightning.data.audio import SAMPLE_RATE
from tests.tools.sounds import sine
from tools.demo_corpus.prosody import Difficulty
from tools.demo_corpus.recording import NEUTRAL_LEVEL, record, tilted
from tools.demo_corpus.script import Line
from tools.demo_corpus.voices import VOICES


def decibels(waveform):
    return 10 * np.log10(np.mean(np.square(waveform)))


@pytest.mark.parametrize(("frequency", "gain"), [(500.0, 0.0), (1000.0, 0.0), (2000.0, 3.0), (4000.0, 6.0)])
def test_tilt_is_per_octave_above_1_khz(frequency, gain):
    tone = sine(frequency, 1.0)
    assert decibels(tilted(tone, 3.0)) - decibels(tone) == pytest.approx(gain, abs=0.05)


def test_level_follows_the_emotion():
    plain = Difficulty(overlap=0.0, noise=(60.0, 60.0))
    levels = {e: decibels(record(Line(0, VOICES[0], e, "We had soup."), plain, 0)) for e in ("neutral", "anger")}
    assert levels["neutral"] == pytest.approx(NEUTRAL_LEVEL, abs=0.1)
    assert levels["anger"] - levels["neutral"] == pytest.approx(8.0, abs=0.1)


def test_is_16_khz_float_of_sentence_length():
    waveform = record(Line(0, VOICES[0], "neutral", "The bus stops in front of the school."), Difficulty(), 0)
    assert waveform.dtype == np.float32
    assert 1.0 < len(waveform) / SAMPLE_RATE < 4.0
