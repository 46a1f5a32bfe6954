"""Phonemes of a transcript by espeak-ng, through the library that the espeakng-loader wheel ships."""

import logging
import re
from functools import cache, lru_cache

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

_NO_PHONEME = re.compile(r"[0-9.ˈˌː\-\s]|\([a-z-]+\)")
"""Tone digits, stress and length marks, stray dots, and language switches such as ``(en)``."""


@lru_cache(maxsize=4096)
def count_phonemes(transcript: str, language: str) -> int | None:
    """Count the phonemes of a transcript; a diphthong or affricate is one.

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
    spoken = _backend(voice).phonemize([" ".join(transcript.split())], separator=separator, strip=True)
    phones = [_NO_PHONEME.sub("", phone) for phone in " ".join(spoken).replace("|", " ").split()]
    return sum(bool(phone) for phone in phones) or None


@cache
def _backend(voice: str) -> EspeakBackend:
    EspeakWrapper.set_library(espeakng_loader.get_library_path())
    EspeakWrapper.set_data_path(espeakng_loader.get_data_path())
    quiet = logging.getLogger("phonemizer")
    quiet.setLevel(logging.ERROR)
    return EspeakBackend(voice, language_switch="remove-flags", logger=quiet)
