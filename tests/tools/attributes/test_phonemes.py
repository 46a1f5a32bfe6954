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


# One word a phoneme inventory's corner: what stands behind the colon is the count.
WORDS = {
    "en": "cat:3 ship:3 judge:3 think:4 measure:4 boy:2 house:3 singing:5 strength:6 through:3 church:3 water:4",
    "zh": "妈:2 你好:4 谢谢:4 中国:5 学生:5 老师:4 二:1 月亮:4 吃饭:5 爱:1 女儿:3 上海:5 四十:4 一:1 五:1 我:1 有:1 "
    "花:2 家:2 关:3 天:3 光:3 英:2 云:2 东:3 用:2 熊:3 小:2",
    "it": "mano:4 casa:4 gnocchi:4 ciao:3 pizza:4 zio:3 sbaglio:5 acqua:4 scena:4 quando:6 giorno:5 bello:4 anno:3 "
    "terra:4 notte:4 bagno:4 figlio:4",
    "es": "mesa:4 perro:4 chico:4 niño:4 llave:4 queso:4 jamón:5 agua:4 calle:4 reloj:5 cinco:5 guerra:4 leer:4 pero:4",
    "de": "Hut:3 schön:3 Zeit:3 Apfel:4 Kirche:5 Buch:3 Deutsch:3 springen:7 Mädchen:6 zwei:3 Straße:6 "
    "Kopf:3 Kutsche:4",
    "pl": "dom:3 cześć:4 dziecko:5 szczęście:7 żaba:4 rzeka:4 chleb:4 ręka:5 książka:6 jeżdżenia:7 dżem:3 wąż:3",
}


@pytest.mark.parametrize(
    ("language", "word", "phonemes"),
    [(language, *entry.split(":")) for language, entries in WORDS.items() for entry in entries.split()],
)
def test_hand_counted_words(language, word, phonemes):
    assert count_phonemes(word, language) == int(phonemes)


def test_tone_is_no_phoneme():
    assert {count_phonemes(syllable, "zh") for syllable in "妈麻马骂吗"} == {2}


def test_words_add_up():
    assert count_phonemes("cat, cat!", "en") == 6
    assert count_phonemes("妈妈妈妈", "zh") == 8
    # Two sounds of different words never become one.
    assert count_phonemes("hat schon", "de") == count_phonemes("hat", "de") + count_phonemes("schon", "de")


def test_punctuation_and_line_breaks_do_not_count():
    assert count_phonemes("Kids are - talking...\nby the door?!", "en") == 16


def test_no_answer_without_words_or_voice():
    assert count_phonemes("", "en") is None
    assert count_phonemes("?!...", "en") is None
    assert count_phonemes("Olá", "pt") is None


def test_required_languages():
    assert {"en", "zh", "pl", "it", "es", "de"} <= ESPEAK_LANGUAGES.keys()
