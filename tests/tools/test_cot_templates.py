from dataclasses import replace
from itertools import product

import pytest

from c2ser_lightning.data.record import Levels
from c2ser_lightning.emotions import CHINESE_NAMES, EMOTIONS
from c2ser_lightning.text.grounding import ground
from c2ser_lightning.text.parsing import parse_emotion
from tests.shards import record
from tools.cot_templates import CHINESE, ENGLISH, write_texts
from tools.teachers.checker import check_explicit

ENGLISH_RECORD = record(0, 1.0, transcript="The train leaves at seven.", levels=Levels("low", "medium", "high"))
CHINESE_RECORD = replace(ENGLISH_RECORD, language="zh", transcript="火车早上七点出发。")


@pytest.mark.parametrize("number", range(8))
def test_english_holds_style_words_and_emotion_in_the_paper_s_order(number):
    explicit, implicit = write_texts(replace(ENGLISH_RECORD, key=f"k{number}"))
    parts = ["fast pace", "low pitch", "moderate volume", '"The train leaves at seven." ', "anger", "irritation"]
    places = [explicit.index(part) for part in parts]
    assert places == sorted(places)
    assert implicit == "This speech conveys anger."


def test_chinese_speech_gets_chinese_text():
    explicit, implicit = write_texts(CHINESE_RECORD)
    parts = ["较快的语速", "低沉的语调", "中等的音量", "“火车早上七点出发。”", "愤怒", "恼怒"]
    places = [explicit.index(part) for part in parts]
    assert places == sorted(places)
    assert implicit == "这段语音传达出愤怒的情绪。"


def test_other_languages_get_english_text():
    explicit, _ = write_texts(replace(ENGLISH_RECORD, language="pl", transcript="Zima."))
    assert "fast pace" in explicit
    assert '"Zima."' in explicit


def test_same_key_same_text_and_all_wordings_are_used():
    texts = [write_texts(replace(ENGLISH_RECORD, key=f"k{number}")) for number in range(40)]
    assert texts == [write_texts(replace(ENGLISH_RECORD, key=f"k{number}")) for number in range(40)]
    assert len({explicit for explicit, _ in texts}) == len(ENGLISH.explicit)


@pytest.mark.parametrize(
    ("transcript", "written"),
    [("Come in", '"Come in". '), ("Come in!", '"Come in!" '), ("Come in…", '"Come in…" ')],
)
def test_the_words_bring_their_own_full_stop_or_get_one(transcript, written):
    assert written in write_texts(replace(ENGLISH_RECORD, transcript=transcript))[0]


def test_chinese_sentences_stand_without_spaces():
    assert "”。" in write_texts(replace(CHINESE_RECORD, transcript="进来"))[0]
    explicit = write_texts(CHINESE_RECORD)[0]
    assert "出发。”" in explicit
    assert "”。" not in explicit
    assert " " not in explicit


@pytest.mark.parametrize("emotion", EMOTIONS)
@pytest.mark.parametrize("original", [ENGLISH_RECORD, CHINESE_RECORD])
@pytest.mark.parametrize("number", range(4))
def test_nothing_is_claimed_that_is_not_known(original, emotion, number):
    known = replace(original, emotion=emotion, key=f"k{number}")
    explicit, _ = write_texts(known)
    assert check_explicit(explicit, known, known.language) == []
    grounding = ground(explicit, known.transcript, known.levels)
    assert grounding.fabricated == ()
    assert grounding.edits == 0
    assert not grounding.contradicted


@pytest.mark.parametrize("kept", product([True, False], repeat=3))
@pytest.mark.parametrize(("original", "wording"), [(ENGLISH_RECORD, ENGLISH), (CHINESE_RECORD, CHINESE)])
def test_unknown_levels_are_left_out(original, wording, kept):
    rate, pitch, loudness = ("high" if keep else None for keep in kept)
    explicit, _ = write_texts(replace(original, levels=Levels(pitch=pitch, loudness=loudness, rate=rate)))
    for keep, words in zip(kept, (wording.rate, wording.pitch, wording.loudness), strict=True):
        assert (words["high"] in explicit) == keep
    assert "{" not in explicit
    assert original.transcript in explicit


@pytest.mark.parametrize("original", [ENGLISH_RECORD, CHINESE_RECORD])
def test_nothing_known_leaves_the_conclusion(original):
    explicit, _ = write_texts(replace(original, levels=Levels(), transcript=""))
    assert explicit.startswith(("Based on", "From the", "通过", "结合"))


def test_braces_in_a_transcript_are_only_text():
    assert '"{emotion} {0}"' in write_texts(replace(ENGLISH_RECORD, transcript="{emotion} {0}"))[0]


def test_unlabelled_speech_has_no_texts():
    assert write_texts(replace(ENGLISH_RECORD, emotion=None)) is None


@pytest.mark.parametrize("emotion", EMOTIONS)
@pytest.mark.parametrize("original", [ENGLISH_RECORD, CHINESE_RECORD])
def test_the_answer_parser_reads_the_emotion_back(original, emotion):
    explicit, implicit = write_texts(replace(original, emotion=emotion))
    assert parse_emotion(explicit) == emotion
    assert parse_emotion(implicit) == emotion
    assert (CHINESE_NAMES[emotion] if original.language == "zh" else emotion) in explicit
