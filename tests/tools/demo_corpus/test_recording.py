import numpy as np
import pytest

from c2ser_lightning.data.audio import SAMPLE_RATE
from tests.tools.sounds import sine
from tools.demo_corpus import espeak
from tools.demo_corpus.prosody import SHIFTS, Difficulty
from tools.demo_corpus.recording import NEUTRAL_LEVEL, breathed, record, roughened, tilted
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
    espeak.seed(0)  # what was spoken before decides espeak-ng's own noise, and so how many peaks are clipped
    levels = {e: decibels(record(Line(0, VOICES[0], e, "We had soup."), plain, 0)) for e in ("neutral", "anger")}
    assert levels["neutral"] == pytest.approx(NEUTRAL_LEVEL, abs=0.1)
    assert levels["anger"] - levels["neutral"] == pytest.approx(SHIFTS["anger"].gain, abs=0.1)


def band(waveform, low, high):
    spectrum = np.abs(np.fft.rfft(waveform)) ** 2
    frequencies = np.fft.rfftfreq(len(waveform), 1 / SAMPLE_RATE)
    return spectrum[(frequencies >= low) & (frequencies < high)].sum()


@pytest.mark.parametrize("breath", [-30.0, -10.0])
def test_breath_lies_above_2_khz_at_its_level_and_only_where_the_voice_is(breath):
    voice = sine(200.0, 1.0)
    voice[SAMPLE_RATE // 2 :] = 0
    breathy = breathed(voice, breath, np.random.default_rng(0))
    noise = breathy - voice
    assert decibels(noise) - decibels(voice) == pytest.approx(breath, abs=0.1)
    assert band(noise, 1900, SAMPLE_RATE) > 0.99 * band(noise, 0, SAMPLE_RATE)
    assert np.abs(noise[SAMPLE_RATE // 2 + 400 :]).max() < 1e-6


def test_roughness_adds_sidebands_of_its_depth_at_the_rate_of_vocal_fry():
    rough = roughened(sine(1000.0, 2.0), 0.6, np.random.default_rng(0))
    carrier, sides = band(rough, 990, 1010), band(rough, 930, 960) + band(rough, 1040, 1080)
    assert sides / carrier == pytest.approx(2 * (0.6 / 2) ** 2, rel=0.05)
    assert np.array_equal(roughened(sine(1000.0, 1.0), 0.0, np.random.default_rng(0)), sine(1000.0, 1.0))


def test_is_16_khz_float_of_sentence_length():
    waveform = record(Line(0, VOICES[0], "neutral", "The bus stops in front of the school."), Difficulty(), 0)
    assert waveform.dtype == np.float32
    assert 1.0 < len(waveform) / SAMPLE_RATE < 4.0
