"""Whether a transcript can have been spoken in the time that its sound lasts."""

import unicodedata

from c2ser_lightning.data.record import UtteranceRecord

FASTEST_PHONEMES = 30.0
"""Phonemes a second; the fastest speakers of any language reach about 25 within a phrase."""

FASTEST_LETTERS = 32.0
"""Letters of an alphabet a second; a phoneme takes a little more than one letter on average."""

LETTERS_OF_HAN = 3.0
"""A Chinese character is a syllable, of about three sounds."""

LETTERS_OF_SYLLABIC = 2.0
"""A kana or hangul sign is a syllable, of about two sounds."""

SHORTEST_TEXT = 8.0
"""Letters; of fewer, the pace says nothing."""


def letters(transcript: str) -> float:
    """Count letters and digits, signs of syllabic scripts as the letters that would spell them."""
    return sum(_weight(character) for character in transcript)


def _weight(character: str) -> float:
    if not character.isalnum():
        return 0.0
    if character.isascii():
        return 1.0
    name = unicodedata.name(character, "")
    if name.startswith("CJK"):
        return LETTERS_OF_HAN
    return LETTERS_OF_SYLLABIC if name.startswith(("HIRAGANA", "KATAKANA", "HANGUL")) else 1.0


def too_fast(record: UtteranceRecord, seconds: float) -> str:
    """Return in words why the transcript cannot fit its sound, or nothing.

    Args:
        record: Transcript and, where it was measured, speaking rate.
        seconds: Length of the sound.
    """
    spoken = letters(record.transcript)
    if spoken < SHORTEST_TEXT:
        return ""
    rate = record.attributes.speaking_rate
    if rate is not None and rate > FASTEST_PHONEMES:
        return f"{rate:.0f} phonemes a second of speech"
    if spoken / seconds > FASTEST_LETTERS:
        return f"{spoken:.0f} letters in {seconds:.1f} s"
    return ""
