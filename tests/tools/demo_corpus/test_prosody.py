import numpy as np
import pytest

from c2ser_lightning.emotions import EMOTIONS
from tools.demo_corpus.prosody import SHIFTS, Difficulty, perform
from tools.demo_corpus.voices import VOICES


def drawn(emotion, overlap, count=200):
    generator = np.random.default_rng(0)
    return [perform(VOICES[0], emotion, Difficulty(overlap=overlap), generator) for _ in range(count)]


def test_every_emotion_has_a_shift_and_neutral_has_none():
    assert tuple(SHIFTS) == EMOTIONS
    neutral = SHIFTS["neutral"]
    assert (neutral.pitch, neutral.pitch_range, neutral.rate, neutral.gain, neutral.tilt) == (0, 0, 1, 0, 0)


@pytest.mark.parametrize("emotion", EMOTIONS)
def test_without_overlap_utterances_are_alike_and_with_it_they_spread(emotion):
    assert len({(made.manner, made.gain, made.tilt) for made in drawn(emotion, 0.0)}) == 1
    narrow, wide = (np.std([made.gain for made in drawn(emotion, overlap)]) for overlap in (0.5, 2.0))
    assert 0 < narrow < wide


def test_directions_are_those_of_the_literature():
    mean = {e: np.mean([(p.manner.pitch, p.manner.rate, p.gain) for p in drawn(e, 1.0)], axis=0) for e in EMOTIONS}
    pitch, rate, gain = ({emotion: values[place] for emotion, values in mean.items()} for place in range(3))
    assert max(pitch["sadness"], pitch["disgust"]) < pitch["neutral"] < pitch["anger"] < pitch["happiness"]
    assert rate["sadness"] < rate["neutral"] < rate["anger"] < rate["fear"]
    assert gain["sadness"] < gain["neutral"] < gain["happiness"] < gain["anger"]


def test_settings_stay_within_what_espeak_takes_however_hard():
    for emotion in EMOTIONS:
        for made in drawn(emotion, 10.0):
            assert 80 <= made.manner.rate <= 450
            assert 0 <= made.manner.pitch <= 99
            assert 0 <= made.manner.pitch_range <= 99
            assert made.manner.word_gap >= 0
