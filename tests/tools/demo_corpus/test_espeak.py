import numpy as np
import pytest

from tools.demo_corpus.espeak import EspeakError, Manner, speak
from tools.demo_corpus.voices import VOICES

PLAIN = Manner(voice="en-us+f2", rate=165, pitch=45, pitch_range=50, word_gap=0)
TEXT = {"en": "The bus stops in front of the school.", "zh": "公共汽车停在学校门口。"}


@pytest.mark.parametrize("voice", VOICES, ids=lambda voice: voice.speaker)
def test_every_voice_speaks(voice):
    waveform, rate = speak(TEXT[voice.language], Manner(voice.espeak, voice.rate, voice.pitch, 50, 0))
    assert 1.0 < len(waveform) / rate < 5.0
    assert np.abs(waveform).max() > 0.05


def test_faster_is_shorter_and_gaps_are_longer():
    usual, rate = speak(TEXT["en"], PLAIN)
    fast, _ = speak(TEXT["en"], Manner("en-us+f2", 260, 45, 50, 0))
    gaps, _ = speak(TEXT["en"], Manner("en-us+f2", 165, 45, 50, 10))
    assert len(fast) < 0.8 * len(usual)
    assert len(gaps) > len(usual) + 0.3 * rate


def test_unknown_voice_is_named():
    with pytest.raises(EspeakError, match="no voice 'klingon-x'"):
        speak("word", Manner("klingon-x", 165, 45, 50, 0))
