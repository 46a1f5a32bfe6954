"""One self-contained page for one or several systems: scores, confusion, recall by emotion, examples to listen to."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from c2ser_lightning.report.predictions import Prediction
from c2ser_lightning.report.results import Result


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
    """One cell of a confusion matrix."""

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
    first = results[0]
    for result in results[1:]:
        if (result.corpus, result.scores.emotions) != (first.corpus, first.scores.emotions):
            raise ReportError(
                f"{result.name} was tested on {result.corpus} ({', '.join(result.scores.emotions)}), {first.name} on "
                f"{first.corpus} ({', '.join(first.scores.emotions)}); a report compares systems on one test set"
            )
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    page = environment.get_template("template.html").render(
        results=results,
        first=first,
        emotions=first.scores.emotions,
        matrices=[_cells(result) for result in results],
        examples=_examples(results),
        languages=sorted({prediction.language for prediction in first.predictions}),
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page, encoding="utf-8")


def _cells(result: Result) -> list[list[Cell]]:
    rows = []
    for row in result.scores.confusion:
        total = max(1, sum(row))
        rows.append([Cell(count, count / total) for count in row])
    return rows


def _examples(results: Sequence[Result]) -> list[Example]:
    """Show the utterances whose audio the last system kept, in its order."""
    by_key = [{prediction.key: prediction for prediction in result.predictions} for result in results]
    examples = []
    for key, audio in results[-1].audio.items():
        known = [(result.name, rows[key]) for result, rows in zip(results, by_key, strict=True) if key in rows]
        uri = f"data:audio/flac;base64,{base64.b64encode(audio).decode()}"
        examples.append(Example(by_key[-1][key], uri, known))
    return examples
