"""Reasons for a known label that do not name it (Su et al., Reasoning beyond majority vote, section 2.1).

The paper's rules: the rationale neither states nor paraphrases the gold label; it brings content and sound together; it
has no open-ended questions, invitations or filler; disallowed phrases are stripped, and what then violates length or
evidence coverage is discarded. Only training utterances get one. The paper's teacher hears the speech; a text teacher
does not, so here the measured levels stand for the sound and a claim against them is a violation too.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path

from c2ser_lightning.data.record import UtteranceRecord
from c2ser_lightning.text.quotations import read, words_of
from c2ser_lightning.text.style_claims import style_claims
from c2ser_lightning.text.style_words import ATTRIBUTES, AnswerLanguage
from tools.teachers.checker import Objection, clean, form_objections, invented_words, level_contradictions
from tools.teachers.desk import Desk, desk
from tools.teachers.exchange import TeacherError
from tools.teachers.interview import Question
from tools.teachers.label_words import label_words
from tools.teachers.report import TeacherReport
from tools.teachers.settings import TeacherSettings

LEAST_ACOUSTIC = 2
"""So many of the measured attributes have to be spoken of (all, where fewer were measured)."""

_OPENING = re.compile(r"^(?:well,?\s+you\s+know\b|well\b|you\s+know\b)[,.!…\s]*", re.IGNORECASE)
_FILLER = re.compile(r",?\s*\bwell,?\s+you\s+know\b,?", re.IGNORECASE)
_INVITATION = re.compile(
    r"\bwhat (?:do|are|would) you(?:r)?\b|\bfeel free\b|\blet me know\b|\bif you (?:want|would like|have|need)\b"
    r"|\bI(?:'d| would) (?:love|like) to (?:hear|know)\b|\bhope (?:this|that) helps\b|\bhappy to\b"
    r"|你(?:怎么看|觉得呢|认为呢|有什么)|如果(?:你|您)(?:想|还|有|需要)|(?:欢迎|请)随时|希望(?:这|以上)",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[^.!?。！？]*[.!?。！？]+[\"'”’」』]*\s*|[^.!?。！？]+$")


@dataclass(frozen=True, slots=True)
class RationaleRules:
    """How long a rationale may be, in words, or Han characters for Mandarin.

    Attributes:
        shortest: In English words.
        longest: In English words.
        han_per_word: Han characters that count as one English word.
    """

    shortest: int = 25
    longest: int = 200
    han_per_word: float = 1.6

    def bounds(self, language: AnswerLanguage) -> tuple[int, int]:
        """Return the shortest and longest length in a language."""
        factor = self.han_per_word if language == "zh" else 1.0
        return round(self.shortest * factor), round(self.longest * factor)


@dataclass(frozen=True, slots=True)
class Rationale:
    """One accepted rationale; the fields stand in ``rationales.jsonl``."""

    key: str
    corpus: str
    emotion: str
    language: str
    rationale: str


DEFAULT_RULES = RationaleRules()


def strip_phrases(answer: str) -> str:
    """Strip what the paper disallows and nobody misses: filler, and closing sentences that invite a reply."""
    text = _FILLER.sub("", _OPENING.sub("", clean(answer)))
    sentences = [match.group() for match in _SENTENCE.finditer(text)]
    while sentences and _INVITATION.search(sentences[-1]):
        sentences.pop()
    stripped = "".join(sentences).strip()
    return stripped[:1].upper() + stripped[1:]


def check_rationale(
    text: str, record: UtteranceRecord, language: AnswerLanguage, rules: RationaleRules = DEFAULT_RULES
) -> list[Objection]:
    """Return what is wrong with a rationale; an empty list accepts it.

    Args:
        text: The stripped answer.
        record: What is known of the utterance; needs an emotion and a transcript.
        language: Language the answer should be in.
        rules: Bounds of the length.
    """
    shortest, longest = rules.bounds(language)
    reading = read(text, record.transcript)
    claims = style_claims(reading.prose, language)
    found = [*form_objections(reading.prose, language, longest), *level_contradictions(claims, record)]
    if 0 < len(words_of(text)) < shortest:
        found.append(Objection("too_short", str(shortest)))
    # Even a quotation of the speaker's own words may not hold the label: the student would copy it.
    named = label_words(text, record.emotion or "")
    if named:
        found.append(Objection("label_named", ", ".join(dict.fromkeys(word.lower() for word in named))))
    if reading.transcript_at is None and not reading.fragments:
        found.append(Objection("no_quoted_evidence"))
    known = [attribute for attribute in ATTRIBUTES if getattr(record.levels, attribute) is not None]
    needed = min(LEAST_ACOUSTIC, len(known))
    if len({claim.attribute for claim in claims}) < needed:
        found.append(Objection("no_acoustic_evidence", str(needed)))
    if re.search(r"[?？]", reading.prose) or _INVITATION.search(reading.prose):
        found.append(Objection("question"))
    return [*found, *invented_words(reading)]


def write_rationales(
    records: Iterable[UtteranceRecord],
    settings: TeacherSettings,
    folder: Path,
    rules: RationaleRules = DEFAULT_RULES,
) -> Iterator[tuple[Rationale | None, TeacherReport]]:
    """Yield each labelled training utterance's rationale, ``None`` where it was discarded, and the report so far.

    Utterances of other splits, without an emotion, without words or without a measured attribute are passed over.

    Args:
        records: Records with levels, of any split.
        settings: Who writes and how.
        folder: Keeps the journal.
        rules: Bounds of the length.

    Raises:
        TeacherError: The teacher cannot be set up or has stopped answering; run again to go on.
    """
    if settings.name == "template":
        raise TeacherError("a template cannot give reasons: choose --teacher huggingface or endpoint")
    stream = (record for record in records if may_have_rationale(record))
    with desk(settings, folder, None, "writing rationales", ("rationale",)) as made:
        while part := list(islice(stream, settings.part)):
            yield from ((rationale, made.report) for rationale in _part(part, made, rules))


def may_have_rationale(record: UtteranceRecord) -> bool:
    """Whether an utterance belongs to the training split and has a label and both kinds of evidence."""
    measured = any(getattr(record.levels, attribute) is not None for attribute in ATTRIBUTES)
    return record.split == "train" and record.emotion is not None and measured and bool(words_of(record.transcript))


def _part(records: Sequence[UtteranceRecord], made: Desk, rules: RationaleRules) -> list[Rationale | None]:
    if made.interview is None:
        return []
    outcomes = made.outcomes(made.interview, [_question(record, made, rules) for record in records])
    made.done(len(records), len(records))
    return [
        None
        if outcome.text is None
        else Rationale(record.key, record.corpus, record.emotion or "", made.language(record), outcome.text)
        for record, outcome in zip(records, outcomes, strict=True)
    ]


def _question(record: UtteranceRecord, made: Desk, rules: RationaleRules) -> Question:
    language = made.language(record)
    prompts = made.prompts(language)
    judge = partial(_judge, record=record, language=language, rules=rules)
    return Question("rationale", prompts.request("rationale", record), judge, prompts.complaint)


def _judge(
    answer: str, record: UtteranceRecord, language: AnswerLanguage, rules: RationaleRules
) -> tuple[str, list[Objection]]:
    text = strip_phrases(answer)
    return text, check_rationale(text, record, language, rules)
