import pytest

from tools.attributes.phonemes import ESPEAK_LANGUAGES, count_phonemes


# Counted by hand, diphthongs and affricates as one: the broad transcription stands beside each.
@pytest.mark.parametrize(
    ("language", "text", "phonemes"),
    [
        ("en", "Kids are talking by the door.", 16),  # k ɪ d z | ɑːɹ | t ɔː k ɪ ŋ | b aɪ | ð ə | d ɔːɹ
        ("en", "Dogs are sitting by the door.", 16),  # d ɑː ɡ z | ɑːɹ | s ɪ t ɪ ŋ | b aɪ | ð ə | d ɔːɹ
        ("zh", "火车早上七点出发。", 18),  # x uo | tʂʰ ɤ | ts au | ʂ a ŋ | tɕʰ i | t iɛ n | tʂʰ u | f a
        ("zh", "他们在河边盖房子。", 19),  # tʰ a | m ə n | ts ai | x ɤ | p iɛ n | k ai | f a ŋ | ts ɿ
        ("pl", "Racja, ten pomysł jest najlepszy.", 26),  # r a ts j a | t ɛ n | 6 | 4 | n a j l ɛ p ʃ ɨ
        ("pl", "Zima to czas jeżdżenia na sankach.", 24),  # ʑ i m a | t ɔ | tʃ a s | 6 | n a | s a ŋ k a x
        ("it", "La casa bianca.", 12),  # l a | k a z a | b j a n k a
        ("es", "La casa blanca es muy grande.", 23),  # l a | k a s a | 6 | e s | m u j | g ɾ a n d e
        ("de", "Ich liebe dich.", 9),  # ɪ ç | l iː b ə | d ɪ ç
        ("fr", "Le chat mange une pomme.", 12),  # l ə | ʃ a | m ɑ̃ ʒ | y n | p ɔ m
    ],
)
def test_hand_counted(language, text, phonemes):
    assert count_phonemes(text, language) == phonemes


@pytest.mark.parametrize(("language", "syllable", "phonemes"), [("zh", "妈", 2), ("zh", "马", 2), ("zh", "骂", 2)])
def test_tone_is_no_phoneme(language, syllable, phonemes):
    assert count_phonemes(syllable, language) == phonemes


def test_punctuation_and_line_breaks_do_not_count():
    assert count_phonemes("Kids are - talking...\nby the door?!", "en") == 16


def test_no_answer_without_words_or_voice():
    assert count_phonemes("", "en") is None
    assert count_phonemes("?!...", "en") is None
    assert count_phonemes("Olá", "pt") is None


def test_required_languages():
    assert {"en", "zh", "pl", "it", "es", "de"} <= ESPEAK_LANGUAGES.keys()
