import pytest

from c2ser_lightning.text.quotations import read, words_of

SAID = "Don't go. It's late, Anna!"


@pytest.mark.parametrize(
    "quoted",
    [
        "\"Don't go. It's late, Anna!\"",
        "“don’t go - its late Anna”",
        "'Don't go. It's late, Anna!'",
        "‘Don’t go. It’s late, Anna!’",
        "「Don't go. It's late, Anna!」",
        "\"...Don't go... It's late... Anna...\"",
    ],
)
def test_the_transcript_is_found_in_any_quotation_marks_and_punctuation(quoted):
    text = f"At last: {quoted}. Then silence."
    reading = read(text, SAID)
    assert reading.transcript_at == text.index(quoted)
    assert "late" not in reading.prose
    assert reading.prose.endswith("Then silence.")
    assert len(reading.prose) == len(text)


@pytest.mark.parametrize(
    "told", ["Don't go. It's late, Anna!", '"Don\'t go, Anna!"', "\"Don't go. It's late, Annabel\""]
)
def test_less_or_other_words_or_no_quotation_marks_are_not_the_transcript(told):
    assert read(f"At last: {told}.", SAID).transcript_at is None


def test_parts_and_foreign_quotations_are_told_apart():
    reading = read('He says "it\'s late" with a "low" pitch, not "never mind the time".', SAID)
    assert reading.fragments == ("it's late",)
    assert reading.foreign == ("low", "never mind the time")
    assert " low  pitch" in reading.prose


def test_the_first_words_of_the_transcript_are_a_part_too():
    assert read('He says "don\'t go" twice.', SAID).fragments == ("don't go",)


def test_a_one_word_transcript_does_not_hide_the_same_word_outside_quotation_marks():
    reading = read('A low pitch: "Low."', "low")
    assert reading.prose.startswith("A low pitch")
    assert "Low" not in reading.prose


def test_han_characters_are_words():
    assert [word.text for word in words_of("我去 KTV2，好吗")] == ["我", "去", "ktv2", "好", "吗"]
    assert read("他说：“我去KTV2 好吗？”", "我去 KTV2，好吗").transcript_at == 3
