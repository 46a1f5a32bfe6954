"""What an explanation claims, held against what was measured and said: levels, transcript, invented content."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from c2ser_lightning.data.record import LEVELS, Level, Levels
from c2ser_lightning.text.answer_layout import without_thinking
from c2ser_lightning.text.emotion_words import WORDS, emotion_words, lowered
from c2ser_lightning.text.quotations import words_of
from c2ser_lightning.text.style_claims import style_claims
from c2ser_lightning.text.style_vocabulary import DESCRIPTION_WORDS, FUNCTION_WORDS
from c2ser_lightning.text.style_words import ATTRIBUTES, STYLE_WORDS, AnswerLanguage, Attribute

_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")
_QUOTED = re.compile(
    r"“([^”]*)(?:”|$)|「([^」]*)(?:」|$)|『([^』]*)(?:』|$)|«([^»]*)(?:»|$)|\"([^\"]*)(?:\"|$)"
    r"|(?<!\w)'([^']*(?:'\w[^']*)*)'(?!\w)|(?<!\w)‘([^’]*(?:’\w[^’]*)*)’(?!\w)"
)
NO_CLAIMS: Mapping[Attribute, Level] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Grounding:
    """What one answer claims and how it compares.

    Attributes:
        claimed: Level that the answer claims of each attribute it speaks of; where it names several levels of one
            attribute, one that was not measured.
        measured: The utterance's levels.
        stated: The transcript as the answer quotes it, ``None`` when it quotes nothing.
        edits: Word errors of ``stated``: substitutions, deletions and insertions; Han characters count as words.
        words: Words of the reference transcript.
        fabricated: Content words (Han characters) of the rationale that neither the transcript nor the vocabulary of
            style and emotion holds, in order.
        content_words: Content words of the rationale.
        mandarin: Whether the reference transcript is counted in Han characters.
    """

    claimed: Mapping[Attribute, Level]
    measured: Levels
    stated: str | None
    edits: int
    words: int
    fabricated: tuple[str, ...]
    content_words: int
    mandarin: bool

    @property
    def is_explicit(self) -> bool:
        """Whether the answer claims anything but an emotion."""
        return bool(self.claimed) or self.stated is not None

    @property
    def contradicted(self) -> tuple[Attribute, ...]:
        """Attributes whose claimed level is not the measured one."""
        pairs = ((name, self.claimed.get(name), getattr(self.measured, name)) for name in ATTRIBUTES)
        return tuple(name for name, said, is_ in pairs if said is not None and is_ is not None and said != is_)


def ground(answer: str, transcript: str, levels: Levels) -> Grounding:
    """Hold an answer against the evidence.

    Args:
        answer: Generated text, English or Mandarin.
        transcript: Reference transcript; may be empty.
        levels: Measured levels; ``None`` where there was nothing to measure.
    """
    text = without_thinking(answer)
    language: AnswerLanguage = "zh" if _HAN.search(_QUOTED.sub("", text)) else "en"
    stated, prose = _quoted_and_prose(text)
    errors = transcript_errors(stated or "", transcript)
    spoken = frozenset(word.text for word in words_of(transcript))
    content, fabricated = _content_words(prose, spoken, language)
    return Grounding(
        claimed=_claimed(prose, levels, language),
        measured=levels,
        stated=stated,
        edits=errors.edits if stated is not None else 0,
        words=errors.words,
        fabricated=tuple(fabricated),
        content_words=content,
        mandarin=errors.mandarin,
    )


@dataclass(frozen=True, slots=True)
class TranscriptErrors:
    """Word errors of a transcript; Han characters count as words.

    Attributes:
        edits: Substitutions, deletions and insertions.
        words: Words of the reference.
        mandarin: Whether the reference is counted in Han characters.
    """

    edits: int
    words: int
    mandarin: bool


def transcript_errors(heard: str, transcript: str) -> TranscriptErrors:
    """Hold a transcript against the reference, by words without case and punctuation."""
    written, spoken = ([word.text for word in words_of(part)] for part in (heard, transcript))
    return TranscriptErrors(edit_distance(written, spoken), len(spoken), _HAN.search(transcript) is not None)


def edit_distance(first: list[str], second: list[str]) -> int:
    """Return the fewest substitutions, deletions and insertions between two sequences (Levenshtein 1966)."""
    if first == second:
        return 0
    row = list(range(len(second) + 1))
    for place, ours in enumerate(first, start=1):
        diagonal, row[0] = row[0], place
        for column, theirs in enumerate(second, start=1):
            best = min(diagonal + (ours != theirs), row[column] + 1, row[column - 1] + 1)
            diagonal, row[column] = row[column], best
    return row[-1]


def _quoted_and_prose(text: str) -> tuple[str | None, str]:
    """Return the longest quotation, and the text with every quotation blanked behind a full stop."""
    quotes = [next(group for group in match.groups() if group is not None) for match in _QUOTED.finditer(text)]
    prose = _QUOTED.sub(lambda match: "." + " " * (len(match.group()) - 1), text)
    return (max(quotes, key=len) if quotes else None), prose


def _claimed(prose: str, levels: Levels, language: AnswerLanguage) -> Mapping[Attribute, Level]:
    found: dict[Attribute, Level] = {}
    for claim in style_claims(prose, language):
        if found.get(claim.attribute) in (None, getattr(levels, claim.attribute)):
            found[claim.attribute] = claim.level
    return MappingProxyType(found) if found else NO_CLAIMS


def _content_words(prose: str, spoken: frozenset[str], language: AnswerLanguage) -> tuple[int, list[str]]:
    """Return how many content words the prose has, and those that come from nowhere."""
    if language == "zh":
        functions = _function_words("zh")
        bare = _mandarin_vocabulary().sub(lambda match: "" if match.group() in functions else match.group(), prose)
        unknown = _mandarin_vocabulary().sub("", prose)
        return len(_HAN.findall(bare)), [sign for sign in _HAN.findall(unknown) if sign not in spoken]
    functions = _function_words("en")
    words = [word.text for word in words_of(prose)]
    content = [word for word in words if word not in functions and not word.isdigit()]
    return len(content), [word for word in content if word not in spoken and not _known_english(word)]


@cache
def _function_words(language: AnswerLanguage) -> frozenset[str]:
    return frozenset(FUNCTION_WORDS[language].split())


@cache
def _known_english(word: str) -> bool:
    exact, stems = _english_vocabulary()
    known = word in exact or any(word[:size] in stems for size in range(2, len(word) + 1))
    return known or bool(emotion_words(lowered(word)))


@cache
def _english_vocabulary() -> tuple[frozenset[str], frozenset[str]]:
    style = STYLE_WORDS["en"]
    tables: Iterable[Iterable[str]] = (style.nouns, style.specific, style.restricted, style.general, style.fillers)
    described = DESCRIPTION_WORDS["en"].split()
    stems = frozenset(word.removesuffix("*") for word in described if word.endswith("*"))
    return frozenset(word for table in (*tables, described) for word in table), stems


@cache
def _mandarin_vocabulary() -> re.Pattern[str]:
    style = STYLE_WORDS["zh"]
    tables: Iterable[Iterable[str]] = (style.nouns, style.specific, style.restricted, style.general, style.fillers)
    words = {word for table in tables for word in table} | set(DESCRIPTION_WORDS["zh"].split()) | _function_words("zh")
    return _longest_first(words | {word for word in WORDS if _HAN.match(word)})


def _longest_first(words: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(re.escape(word) for word in sorted(words, key=lambda word: (-len(word), word))))


LEVEL_INDEX: Mapping[Level, int] = MappingProxyType({level: place for place, level in enumerate(LEVELS)})
