"""Claims, stated transcripts and invented words of single answers, checked by hand; edit distance by a library."""

import editdistance
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from c2ser_lightning.data.record import Levels
from c2ser_lightning.text.grounding import edit_distance, ground
from tests.shards import record
from tools.cot_templates import write_texts

WORDS = st.lists(st.sampled_from("abcde"), max_size=12)


@settings(max_examples=60, deadline=None)
@given(WORDS, WORDS)
def test_edit_distance_equals_the_library(first, second):
    assert edit_distance(list(first), list(second)) == editdistance.eval(first, second)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_texts_of_the_training_data_are_founded(language):
    words = "我们明天去公园" if language == "zh" else "The window faces the garden."
    item = record(1, 1.0, language=language, transcript=words)
    found = ground(write_texts(item)[0], item.transcript, item.levels)
    assert dict(found.claimed) == {"pitch": "low", "loudness": "medium", "rate": "high"}
    assert (found.contradicted, found.edits, found.fabricated) == ((), 0, ())
    assert found.stated is not None
    assert found.mandarin == (language == "zh")


def test_what_is_not_so_is_found():
    answer = 'She spoke slowly with a high pitch: "the garden is green". Maybe she prepares for an exam. Sad.'
    found = ground(answer, "The window faces the garden.", Levels("low", "medium", "high"))
    assert found.contradicted == ("pitch", "rate")
    assert (found.edits, found.words) == (
        editdistance.eval(["the", "garden", "is", "green"], ["the", "window", "faces", "the", "garden"]),
        5,
    )
    assert found.fabricated == ("prepares", "exam")


def test_mandarin_is_counted_in_characters():
    found = ground("说话者以较高的音调说道：“你好吗”。也许他正在准备考试，推测情绪为悲伤。", "你好啊", Levels("low"))
    assert (found.edits, found.words, found.mandarin) == (1, 3, True)
    assert found.contradicted == ("pitch",)
    assert "".join(found.fabricated).endswith("准备考试")


def test_case_and_punctuation_are_no_word_errors():
    assert ground('"dont Stop, NOW"', "Don't stop now!", Levels()).edits == 0


def test_an_answer_cut_in_its_quotation_has_stated_what_it_has():
    found = ground('The speaker spoke at a fast pace: "I was so', "I was so happy", Levels(rate="high"))
    assert (found.stated, found.edits) == ("I was so", 1)


def test_an_implicit_answer_claims_nothing():
    assert not ground("This speech conveys anger.", "Stop that", Levels("low", "low", "low")).is_explicit


def test_of_two_levels_the_one_that_was_not_measured_counts():
    found = ground("A low pitch. The pitch is high.", "", Levels("low"))
    assert found.contradicted == ("pitch",)
    assert ground("A low pitch, a low pitch indeed.", "", Levels("low")).contradicted == ()


def test_a_claim_of_what_was_not_measured_contradicts_nothing():
    assert ground("A high pitch.", "", Levels()).contradicted == ()
