"""Phonemes of a transcript by espeak-ng, through the library that the espeakng-loader wheel ships."""

import logging
import re
from collections.abc import Mapping
from functools import cache, lru_cache
from types import MappingProxyType

import espeakng_loader
from phonemizer.backend import EspeakBackend
from phonemizer.backend.espeak.wrapper import EspeakWrapper
from phonemizer.separator import Separator

ESPEAK_LANGUAGES = {
    "en": "en-us",
    "zh": "cmn",
    "it": "it",
    "es": "es-419",
    "de": "de",
    "pl": "pl",
    "fr": "fr-fr",
}
"""ISO 639-1 code to espeak-ng voice."""

VOWELS = "aeiouyɛɔɪʊə"

_SAME_SOUND: Mapping[str, tuple[tuple[re.Pattern[str], str], ...]] = MappingProxyType(
    {
        # A long consonant is one, as espeak-ng has it for most: "kː" but "n n" and "r ɾ".
        "it": (
            (re.compile(rf" (?P<sound>[^\s{VOWELS}]+) (?P=sound)(?= )"), r" \g<sound>"),
            (re.compile(" r ɾ(?= )"), " r"),
        ),
        "es": ((re.compile(" j j(?= )"), " j"),),
        # Affricates that espeak-ng writes as two.
        "de": ((re.compile(" t ʃ(?= )"), " tʃ"), (re.compile(" p f(?= )"), " pf")),
        # A glide belongs to its vowel, as in most finals that espeak-ng writes; -ong is written as one.
        "zh": ((re.compile(" [jw](?= )"), ""), (re.compile("onɡ"), "o ŋ")),
    }
)
"""What makes espeak-ng's transcription one sound a phone, on a word's phones between blanks."""

_SPELT_OUT = str.maketrans(dict.fromkeys("兄胸凶熊雄汹匈芎琼穷窘炯迥扃", "宋"))
"""espeak-ng reads the letters and tone digit of syllables in -iong aloud; a syllable of as many phonemes stands in."""

_NO_PHONEME = re.compile(r"[0-9.ˈˌː\-\s]|\([a-z-]+\)")
"""Tone digits, stress and length marks, stray dots, and language switches such as ``(en)``."""


@lru_cache(maxsize=4096)
def count_phonemes(transcript: str, language: str) -> int | None:
    """Count the phonemes of a transcript.

    A diphthong, an affricate, a long sound and a vowel with its r-colour are one. A Mandarin syllable has one to three:
    its initial, its final with all glides and vowels, its nasal.

    Args:
        transcript: Orthographic words; punctuation is ignored.
        language: ISO 639-1 code.

    Returns:
        The count, or ``None`` for a language without a voice or a text without words.
    """
    voice = ESPEAK_LANGUAGES.get(language)
    if voice is None or not any(character.isalnum() for character in transcript):
        return None
    separator = Separator(phone=" ", word=" | ", syllable="")
    text = " ".join(transcript.split())
    spoken = _backend(voice).phonemize([text.translate(_SPELT_OUT)], separator=separator, strip=True)
    words = (_one_sound_a_phone(word, language) for word in " ".join(spoken).split("|"))
    return sum(len(word.split()) for word in words) or None


def _one_sound_a_phone(word: str, language: str) -> str:
    """Return a word's phones between blanks."""
    phones = f" {' '.join(_NO_PHONEME.sub('', phone) for phone in word.split())} "
    for pattern, phone in _SAME_SOUND.get(language, ()):
        phones = pattern.sub(phone, phones)
    return phones


@cache
def _backend(voice: str) -> EspeakBackend:
    EspeakWrapper.set_library(espeakng_loader.get_library_path())
    EspeakWrapper.set_data_path(espeakng_loader.get_data_path())
    quiet = logging.getLogger("phonemizer")
    quiet.setLevel(logging.ERROR)
    return EspeakBackend(voice, language_switch="remove-flags", logger=quiet)
