"""Scores by test set and language, and whether the system was trained on that language."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from c2ser_lightning.metrics.functional import Interval
from c2ser_lightning.report.predictions import Prediction
from c2ser_lightning.report.results import Result
from c2ser_lightning.report.scoring import recognition

Relation = Literal["trained", "zero-shot", "unknown"]
RELATIONS: tuple[Relation, ...] = ("trained", "zero-shot", "unknown")


@dataclass(frozen=True, slots=True)
class Row:
    """One language of one test set.

    Attributes:
        system: Who answered.
        test_set: The set's shard folder.
        language: ISO 639-1 code of its utterances.
        relation: Whether the system was trained on the language; ``unknown`` where that is not known.
        n: Utterances with a reference in the label set.
        wa: Accuracy.
        ua: Unweighted accuracy.
        macro_f1: Macro-F1 over the label set of the test set.
        ci95: 95 % bootstrap intervals over utterances of ``wa``, ``ua`` and ``macro_f1``.
        chance_ua: UA of guessing.
    """

    system: str
    test_set: str
    language: str
    relation: Relation
    n: int
    wa: float
    ua: float
    macro_f1: float
    ci95: dict[str, Interval]
    chance_ua: float


@dataclass(frozen=True, slots=True)
class Average:
    """The mean over a system's languages of one relation; a language's figure is the mean over its test sets.

    Attributes:
        system: Who answered.
        relation: Which languages.
        languages: Their codes.
        wa: Accuracy.
        ua: Unweighted accuracy.
        macro_f1: Macro-F1.
    """

    system: str
    relation: Relation
    languages: tuple[str, ...]
    wa: float
    ua: float
    macro_f1: float


def rows(results: Sequence[Result]) -> list[Row]:
    """Return a row for each language of each test, in the order of the tests."""
    found: list[Row] = []
    for result in results:
        languages = sorted({row.language for row in result.predictions})
        answers = {code: [row for row in result.predictions if row.language == code] for code in languages}
        found += [_row(result, code, answers[code]) for code in languages]
    return [row for row in found if row.n]


def averages(found: Sequence[Row]) -> list[Average]:
    """Return the means over trained, zero-shot and unknown languages of each system, where it has any."""
    made = []
    for system in dict.fromkeys(row.system for row in found):
        for relation in RELATIONS:
            members = [row for row in found if (row.system, row.relation) == (system, relation)]
            if members:
                made.append(_average(system, relation, members))
    return made


def _row(result: Result, language: str, answers: Sequence[Prediction]) -> Row:
    scores = recognition(answers, result.scores.emotions)
    relation: Relation = "unknown"
    if result.training_languages:
        relation = "trained" if language in result.training_languages else "zero-shot"
    return Row(
        system=result.name,
        test_set=result.corpus,
        language=language or "unknown",
        relation=relation if language else "unknown",
        n=scores.n,
        wa=scores.wa,
        ua=scores.ua,
        macro_f1=scores.macro_f1,
        ci95=scores.ci95,
        chance_ua=scores.chance_ua,
    )


def _average(system: str, relation: Relation, members: Sequence[Row]) -> Average:
    languages = tuple(sorted({row.language for row in members}))

    def mean(score: str) -> float:
        of_language = [
            statistics.fmean(getattr(row, score) for row in members if row.language == code) for code in languages
        ]
        return statistics.fmean(of_language)

    return Average(system, relation, languages, mean("wa"), mean("ua"), mean("macro_f1"))
