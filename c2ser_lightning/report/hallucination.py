"""Examples of unfounded explanations for the page: what was claimed beside what was measured and said."""

from dataclasses import dataclass

from c2ser_lightning.report.predictions import Prediction
from c2ser_lightning.report.results import Result
from c2ser_lightning.text.grounding import Grounding, ground
from c2ser_lightning.text.style_words import ATTRIBUTES

LOOKED_AT = 400
"""Answers that are looked through for examples, spread evenly over the test set; the scores count all of them."""

SHOWN = 5


@dataclass(frozen=True, slots=True)
class Hallucination:
    """One explanation that says what is not so.

    Attributes:
        utterance: The prediction.
        contradictions: Attribute, claimed level and measured level.
        stated: The quoted transcript where it is not the spoken one, else empty.
        fabricated: Content words from nowhere.
    """

    utterance: Prediction
    contradictions: list[tuple[str, str, str]]
    stated: str
    fabricated: tuple[str, ...]

    @property
    def faults(self) -> int:
        """Number of kinds and places of what is wrong; decides which examples are shown."""
        return len(self.contradictions) + bool(self.stated) + bool(self.fabricated)


def hallucinations(result: Result) -> list[Hallucination]:
    """Return the examples with the most faults, at most :data:`SHOWN`, at most one of a speaker's emotion."""
    if result.further.grounding is None:
        return []
    rows = [row for row in result.predictions if row.answer]
    step = max(1, len(rows) // LOOKED_AT)
    found = [_example(row) for row in rows[::step]]
    chosen: dict[tuple[str, str | None], Hallucination] = {}
    for example in sorted(found, key=lambda example: (-example.faults, example.utterance.key)):
        if example.faults:
            chosen.setdefault((example.utterance.speaker, example.utterance.emotion), example)
    return list(chosen.values())[:SHOWN]


def _example(row: Prediction) -> Hallucination:
    found = ground(row.answer, row.transcript, row.levels)
    return Hallucination(row, _contradictions(found), (found.stated or "") if found.edits else "", found.fabricated)


def _contradictions(found: Grounding) -> list[tuple[str, str, str]]:
    wrong = found.contradicted
    return [(name, found.claimed[name], getattr(found.measured, name)) for name in ATTRIBUTES if name in wrong]
