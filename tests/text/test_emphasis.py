"""Weights of single mentions, which the table of hard cases only shows together."""

import pytest

from c2ser_lightning.text.emotion_words import emotion_words
from c2ser_lightning.text.emphasis import Weight, weights

MAIN, NAMED, ASIDE = Weight.MAIN, Weight.NAMED, Weight.ASIDE


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("anger and sadness", [NAMED, NAMED]),
        ("anger prevails, sadness follows", [MAIN, NAMED]),
        ("mainly anger, sadness", [MAIN, NAMED]),
        ("anger with a hint of sadness", [NAMED, ASIDE]),
        ("although happy, she is sad", [ASIDE, NAMED]),
        ("sadness, since joy would be louder", [NAMED, ASIDE]),
        ("more fear than surprise", [NAMED, ASIDE]),
        ("she talks about an angry man and is sad", [ASIDE, NAMED]),
        ("fear > sadness", [NAMED, ASIDE]),
        ("以愤怒为主，略带悲伤", [MAIN, ASIDE]),
        ("悲伤占主导，还有愤怒", [MAIN, NAMED]),
    ],
)
def test_what_part_a_text_gives_to_each_emotion(text, expected):
    assert weights(text, emotion_words(text)) == expected
