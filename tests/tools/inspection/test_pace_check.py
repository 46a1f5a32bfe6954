import pytest

from c2ser_lightning.data.record import Attributes
from tests.shards import record
from tools.inspection.pace_check import letters, too_fast


def test_letters_of_several_scripts():
    assert letters("Dogs, 3 dogs!") == 9
    assert letters("它在桌子上。") == 15
    assert letters("ありがとう カナ") == 14
    assert letters("źdźbło Ärger") == 11
    assert letters("안녕") == 4


@pytest.mark.parametrize(
    ("transcript", "seconds", "fast"),
    [
        ("They are building a house near the river.", 1.3, False),
        ("They are building a house near the river.", 0.9, True),
        ("我们明天早上八点去火车站。", 1.6, False),
        ("我们明天早上八点去火车站。", 0.9, True),
        ("Oh no!", 0.1, False),
        ("", 0.1, False),
    ],
)
def test_pace_by_letters(transcript, seconds, fast):
    assert bool(too_fast(record(0, seconds, transcript=transcript), seconds)) is fast


def test_pace_by_phonemes_of_speech_without_its_pauses():
    item = record(0, 9.0, transcript="twelve words and more", attributes=Attributes(speaking_rate=45.0))
    assert too_fast(item, 9.0) == "45 phonemes a second of speech"
