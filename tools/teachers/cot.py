"""Write the explicit and implicit texts of a corpus with a teacher, part by part."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path

from c2ser_lightning.data.record import UtteranceRecord
from c2ser_lightning.text.style_words import AnswerLanguage
from tools.teachers.checker import Objection, check_explicit, check_implicit, clean
from tools.teachers.desk import Desk, desk
from tools.teachers.interview import Interview, Question
from tools.teachers.prompts import Kind
from tools.teachers.report import TeacherReport
from tools.teachers.settings import TeacherSettings
from tools.teachers.template import template_texts

KINDS: tuple[Kind, Kind] = ("explicit", "implicit")
CHECKS = {"explicit": check_explicit, "implicit": check_implicit}


def write_cot(
    records: Iterable[UtteranceRecord], settings: TeacherSettings, folder: Path
) -> tuple[list[UtteranceRecord], TeacherReport]:
    """Return the records with their texts, in order, and what the teacher did.

    Args:
        records: Records with levels; one without an emotion stays as it is.
        settings: Who writes and how.
        folder: Keeps the journal of answers, so that a killed run goes on and pays nothing twice.

    Raises:
        TeacherError: The teacher cannot be set up or has stopped answering; run again to go on.
    """
    known = len(records) if isinstance(records, Sequence) else None
    with desk(settings, folder, known, "writing texts", KINDS) as made:
        return list(written(records, made)), made.report


def written(records: Iterable[UtteranceRecord], made: Desk) -> Iterator[UtteranceRecord]:
    """Yield records with their texts, in order; no more than a part of them is held at a time."""
    stream = iter(records)
    while part := list(islice(stream, made.settings.part)):
        labelled = [record for record in part if record.emotion is not None]
        texts = _texts(labelled, made)
        made.done(len(part), len(labelled))
        for record in part:
            if record.emotion is None:
                yield record
            else:
                explicit, implicit = next(texts)
                yield replace(record, explicit=explicit, implicit=implicit)


def _texts(records: Sequence[UtteranceRecord], made: Desk) -> Iterator[tuple[str, str]]:
    if made.interview is None:
        for kind in KINDS:
            made.report.kind(kind).asked += len(records)
            made.report.kind(kind).accepted_first += len(records)
        return iter([template_texts(record, made.language(record)) for record in records])
    return iter(_taught(records, made, made.interview))


def _taught(records: Sequence[UtteranceRecord], made: Desk, interview: Interview) -> list[tuple[str, str]]:
    """Return each record's texts: the teacher's where they were accepted, else the template's."""
    questions = [_question(kind, record, made) for record in records for kind in KINDS]
    outcomes = made.outcomes(interview, questions)
    texts = []
    for place, record in enumerate(records):
        explicit, implicit = outcomes[2 * place].text, outcomes[2 * place + 1].text
        if explicit is None or implicit is None:
            spare = template_texts(record, made.language(record))
            explicit, implicit = explicit or spare[0], implicit or spare[1]
        texts.append((explicit, implicit))
    return texts


def _question(kind: Kind, record: UtteranceRecord, made: Desk) -> Question:
    language = made.language(record)
    prompts = made.prompts(language)
    judge = partial(_judge, kind=kind, record=record, language=language)
    return Question(kind, prompts.request(kind, record), judge, prompts.complaint)


def _judge(answer: str, kind: Kind, record: UtteranceRecord, language: AnswerLanguage) -> tuple[str, list[Objection]]:
    text = clean(answer)
    return text, CHECKS[kind](text, record, language)
