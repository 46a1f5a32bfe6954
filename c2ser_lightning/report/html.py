"""One self-contained page for one or several systems: scores, confusion, recall by emotion, examples to listen to."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from c2ser_lightning.report.comparison import compare, further_rows
from c2ser_lightning.report.environment import page_environment
from c2ser_lightning.report.hallucination import hallucinations
from c2ser_lightning.report.predictions import Prediction
from c2ser_lightning.report.results import Result
from c2ser_lightning.report.tables import paired_line


@dataclass(frozen=True, slots=True)
class Example:
    """One utterance on the page: its reference, its audio as a data URI, and each system's answer."""

    utterance: Prediction
    audio: str
    answers: list[tuple[str, Prediction]]

    @property
    def verdict(self) -> str:
        """``right`` if every system was right, ``wrong`` if none was, else ``mixed``."""
        right = sum(answer.correct for _, answer in self.answers)
        return "right" if right == len(self.answers) else "wrong" if right == 0 else "mixed"


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a confusion matrix: its count, and its share of the reference emotion."""

    count: int
    share: float


class ReportError(ValueError):
    """Results that cannot be shown side by side."""


def write_report(results: Sequence[Result], path: Path) -> None:
    """Write the page.

    Args:
        results: Systems on the same test set, shown in this order.
        path: Where to write.

    Raises:
        ReportError: The systems were tested on different corpora or label sets.
    """
    _check_same_test_set(results)
    examples = _examples(results)
    page = page_environment().get_template("template.html")
    text = page.render(
        results=results,
        first=results[0],
        emotions=results[0].scores.emotions,
        matrices=[_cells(result) for result in results],
        examples=examples,
        languages=sorted({example.utterance.language for example in examples}),
        common=_common_utterances(results),
        further_rows=further_rows(results),
        pairs=[paired_line(results[0].name, other.name, compare(results[0], other)) for other in results[1:]],
        hallucinations={result.name: hallucinations(result) for result in results},
        answers=_answers(results),
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _check_same_test_set(results: Sequence[Result]) -> None:
    first = results[0]
    for result in results[1:]:
        if (result.corpus, result.scores.emotions) != (first.corpus, first.scores.emotions):
            raise ReportError(
                f"{result.name} was tested on {result.corpus} ({', '.join(result.scores.emotions)}), {first.name} on "
                f"{first.corpus} ({', '.join(first.scores.emotions)}); a report compares systems on one test set"
            )


def _common_utterances(results: Sequence[Result]) -> int | None:
    """Return how many utterances all systems answered, or ``None`` where that is simply all of them."""
    keys = [{prediction.key for prediction in result.predictions} for result in results]
    common = set.intersection(*keys)
    return None if all(len(known) == len(common) for known in keys) else len(common)


def _cells(result: Result) -> list[list[Cell]]:
    rows = []
    for row in result.scores.confusion:
        total = max(1, sum(row))
        rows.append([Cell(count, count / total) for count in row])
    return rows


def _answers(results: Sequence[Result]) -> list[list[object]]:
    """Return a compact row for each utterance: who, what, and each system's emotion and words; null for none."""
    by_key = [{prediction.key: prediction for prediction in result.predictions} for result in results]
    keys = sorted(set().union(*by_key))
    rows: list[list[object]] = []
    for key in keys:
        known = [rows_of.get(key) for rows_of in by_key]
        item = next(one for one in known if one is not None)
        given = [[None, ""] if one is None else [one.predicted or "", one.answer] for one in known]
        rows.append([item.key, item.speaker, item.language, item.emotion, item.transcript, *given])
    return rows


def _examples(results: Sequence[Result]) -> list[Example]:
    """Show the utterances whose audio was kept by the last system that kept any, in its order."""
    by_key = [{prediction.key: prediction for prediction in result.predictions} for result in results]
    audio = next((result.audio for result in reversed(results) if result.audio), {})
    examples = []
    for key, encoded in audio.items():
        known = [(result.name, rows[key]) for result, rows in zip(results, by_key, strict=True) if key in rows]
        uri = f"data:audio/flac;base64,{base64.b64encode(encoded).decode()}"
        if known:
            examples.append(Example(known[-1][1], uri, known))
    return examples
