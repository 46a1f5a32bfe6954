"""Whether an answer says what was measured, what was said and which emotion it is, and nothing against it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from c2ser_lightning.data.record import UtteranceRecord
from c2ser_lightning.emotions import SYNONYMS
from c2ser_lightning.text.parsing import mentions, parse_emotion
from c2ser_lightning.text.quotations import Reading, read, words_of
from c2ser_lightning.text.style_claims import Claim, style_claims
from c2ser_lightning.text.style_words import ATTRIBUTES, AnswerLanguage, Attribute

LONGEST_FOREIGN_QUOTE = 3
"""Words of a quotation that may be missing in the transcript: a term in quotation marks, not invented speech."""

MOST_FOREIGN_WORDS = 3
"""Words of a Mandarin answer that may be in another script: a name, a term."""

LONGEST_IMPLICIT = 40
"""Words of an implicit text, or Han characters; the paper speaks of less than ten tokens."""

LONGEST_EXPLICIT = 250
"""Words of an explicit text besides the transcript, or Han characters."""

_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")
_WRAPPING = re.compile(r"<think>.*?</think>|^```\w*\s*|\s*```$", re.DOTALL)
_PREAMBLE = re.compile(
    r"^(?:(?:sure|certainly|of course|okay)\b[^\n:.]*[!.:]\s*|here(?:'s| is)\b[^\n:]*:\s*"
    r"|(?:好的|当然)[，,。！!：:]\s*)+",
    re.IGNORECASE,
)
_META = re.compile(
    r"\bas an? (?:ai|language model)\b|\bI (?:cannot|can't|am unable)\b"
    r"|\b(?:the )?(?:prompt|provided (?:features|labels?)|instructions?|ground[- ]truth)\b"
    r"|作为(?:一个)?(?:AI|人工智能|语言模型)|(?:根据|按照)(?:提供|给定|要求)|我无法",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Objection:
    """One thing that is wrong with an answer.

    Attributes:
        reason: Short stable name, for counting and for the complaint in ``prompts/complaints``.
        expected: What the answer should have said; fills the complaint's ``$expected``.
    """

    reason: str
    expected: str = ""


def clean(answer: str) -> str:
    """Strip what chat models put around a text: reasoning, code fences, a preamble, outer quotes, line breaks."""
    text = _PREAMBLE.sub("", _WRAPPING.sub("", answer).strip()).strip()
    if len(text) > 1 and text[0] in "\"'“‘" and text[-1] in "\"'”’" and not set('"“”') & set(text[1:-1]):
        text = text[1:-1].strip()
    return re.sub(r"\s*\n\s*", " ", text)


def check_explicit(text: str, record: UtteranceRecord, language: AnswerLanguage) -> list[Objection]:
    """Return what is wrong with an explicit text; an empty list accepts it.

    Every known level, the whole transcript in quotation marks and the emotion must be stated, the emotion behind the
    evidence (paper III-C: first style and content, then the inference). Nothing else may be claimed: no other level, no
    level that was not measured, no other emotion, no invented words.

    Args:
        text: The cleaned answer.
        record: What is known of the utterance; needs an emotion.
        language: Language the answer should be in.
    """
    reading = read(text, record.transcript)
    claims = style_claims(reading.prose, language)
    found = [*form_objections(reading.prose, language, LONGEST_EXPLICIT), *_level_objections(claims, record)]
    if words_of(record.transcript) and reading.transcript_at is None:
        found.append(Objection("transcript_missing", record.transcript))
    found += invented_words(reading)
    found += _emotion_objections(reading.prose, record)
    if not found and _concludes_too_early(reading, claims):
        found.append(Objection("emotion_before_evidence"))
    return found


def check_implicit(text: str, record: UtteranceRecord, language: AnswerLanguage) -> list[Objection]:
    """Return what is wrong with an implicit text: it names the emotion, briefly, and neither style nor words."""
    reading = read(text, record.transcript)
    found = [*form_objections(reading.prose, language, LONGEST_IMPLICIT), *_emotion_objections(reading.prose, record)]
    quotes_words = reading.transcript_at is not None and len(words_of(record.transcript)) > 1
    if style_claims(reading.prose, language) or quotes_words or any(invented_words(reading)):
        found.append(Objection("not_implicit"))
    return found


def form_objections(prose: str, language: AnswerLanguage, longest: int) -> Iterator[Objection]:
    """Yield objections to length, language and talk about the task."""
    size = len(words_of(prose))
    if size == 0:
        yield Objection("empty")
        return
    if size > longest:
        yield Objection("too_long", str(longest))
    han = len(_HAN.findall(prose))
    if (language == "en" and han) or (language == "zh" and size - han > MOST_FOREIGN_WORDS):
        yield Objection("wrong_language")
    if _META.search(prose):
        yield Objection("meta_commentary")


def _level_objections(claims: list[Claim], record: UtteranceRecord) -> Iterator[Objection]:
    for attribute in ATTRIBUTES:
        known = getattr(record.levels, attribute)
        claimed = {claim.level for claim in claims if claim.attribute == attribute}
        if known is None:
            if claimed:
                yield Objection(f"{attribute}_unfounded")
        elif claimed - {known}:
            yield Objection(f"{attribute}_contradicted", f"{attribute}:{known}")
        elif not claimed:
            yield Objection(f"{attribute}_missing", f"{attribute}:{known}")


def level_contradictions(claims: list[Claim], record: UtteranceRecord) -> list[Objection]:
    """Return the objections to levels that were claimed; a level need not be stated."""
    return [objection for objection in _level_objections(claims, record) if not objection.reason.endswith("_missing")]


def _emotion_objections(prose: str, record: UtteranceRecord) -> Iterator[Objection]:
    found = mentions(prose)
    named = {mention.emotion for mention in found}
    emotion = record.emotion or ""
    if emotion not in named:
        yield Objection("emotion_missing", emotion)
    read_otherwise = emotion in named and parse_emotion(prose) != emotion
    if named - {emotion} or read_otherwise or _denied(prose, emotion, {mention.start for mention in found}):
        yield Objection("emotion_contradicted", emotion)


def _denied(prose: str, emotion: str, affirmed: set[int]) -> bool:
    """Whether one of an emotion's words stands there, but not as a mention: "not anger"."""
    words = sorted(SYNONYMS.get(emotion, ()), key=len, reverse=True)
    pattern = "|".join(rf"\b{word}\b" if word.isascii() else word for word in words)
    return bool(words) and any(match.start() not in affirmed for match in re.finditer(pattern, prose, re.IGNORECASE))


def invented_words(reading: Reading) -> Iterator[Objection]:
    """Yield an objection when a longer quotation is not in the transcript."""
    if any(len(words_of(quote)) > LONGEST_FOREIGN_QUOTE for quote in reading.foreign):
        yield Objection("invented_words")


def _concludes_too_early(reading: Reading, claims: list[Claim]) -> bool:
    first = min(mention.start for mention in mentions(reading.prose))
    evidence = [] if reading.transcript_at is None else [reading.transcript_at]
    starts: dict[Attribute, int] = {}
    for claim in claims:
        starts.setdefault(claim.attribute, claim.start)
    return any(start > first for start in (*evidence, *starts.values()))
