"""Read what a reviewer's page saved, and say which row of which file is wrong."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from c2ser_lightning.emotions import EMOTIONS
from tools.corpora.base import CorpusError
from tools.corpora.options import nearest
from tools.corpora.tables import read_table
from tools.emo_emilia.candidate import Candidate, EmiliaError, sheet_id

UNSURE = "unsure"
ANSWERS = (*EMOTIONS, UNSURE)
COLUMNS = ("sheet", "reviewer", "index", "answer")
NAMED_AT_MOST = 3


@dataclass(frozen=True, slots=True)
class Review:
    """One reviewer's answers.

    Attributes:
        path: File they come from.
        reviewer: Who gave them.
        answers: Emotion by index; ``None`` for unsure, or for unanswered where that is allowed.
    """

    path: Path
    reviewer: str
    answers: dict[str, str | None]


@dataclass(frozen=True, slots=True)
class _Row:
    where: str
    sheet: str
    reviewer: str
    index: str
    answer: str


def read_reviews(
    paths: Sequence[Path], candidates: Sequence[Candidate], expected: int, *, allow_open: bool = False
) -> list[Review]:
    """Read all reviews of one set of candidates.

    Args:
        paths: JSON or CSV files that the pages saved.
        candidates: What is on the pages.
        expected: How many reviewers there have to be.
        allow_open: Take unanswered utterances as missing values instead of refusing the file.

    Raises:
        EmiliaError: Another number of reviews, two by one reviewer, or a mistake in a file; the message names the row.
    """
    if len(paths) != expected:
        raise EmiliaError(f"{len(paths)} review files, but --reviewers is {expected}")
    reviews = [read_review(path, candidates, allow_open=allow_open) for path in paths]
    by_name: dict[str, Review] = {}
    for review in reviews:
        other = by_name.setdefault(review.reviewer, review)
        if other is not review:
            raise EmiliaError(f"{other.path} and {review.path} are both by {review.reviewer}")
    return reviews


def read_review(path: Path, candidates: Sequence[Candidate], *, allow_open: bool = False) -> Review:
    """Read one file; see :func:`read_reviews`."""
    rows = _csv_rows(path) if path.suffix.lower() == ".csv" else _json_rows(path)
    if not rows:
        raise EmiliaError(f"{path} holds no answer")
    known, sheet, reviewer = {one.index for one in candidates}, sheet_id(candidates), rows[0].reviewer
    answers: dict[str, str | None] = {}
    where: dict[str, str] = {}
    unanswered: list[_Row] = []
    for row in rows:
        _check(row, sheet, reviewer, known)
        if row.index in where:
            raise EmiliaError(f"{row.where}: {row.index} stands already in {where[row.index].rpartition(', ')[2]}")
        where[row.index] = row.where
        answers[row.index] = None if row.answer in {UNSURE, ""} else row.answer
        if not row.answer:
            unanswered.append(row)
    if unanswered and not allow_open:
        first = unanswered[0]
        raise EmiliaError(
            f"{first.where}: {first.index} has no answer, and so have {len(unanswered) - 1} others; let {reviewer} "
            "finish the page, or pass --allow-open to count them as missing"
        )
    absent = [one.index for one in candidates if one.index not in where]
    if absent and not allow_open:
        named = ", ".join(absent[:NAMED_AT_MOST])
        raise EmiliaError(f"{path}: {len(absent)} of {len(known)} utterances are not in it, such as {named}")
    return Review(path, reviewer, {one.index: answers.get(one.index) for one in candidates})


def _check(row: _Row, sheet: str, reviewer: str, known: set[str]) -> None:
    if not row.reviewer or row.reviewer != reviewer:
        raise EmiliaError(f"{row.where}: the reviewer is {row.reviewer!r}, in the first row it is {reviewer!r}")
    if row.sheet != sheet:
        raise EmiliaError(f"{row.where}: the sheet is {row.sheet!r}, the candidates are those of sheet {sheet!r}")
    if row.index not in known:
        raise EmiliaError(
            f"{row.where}: {row.index!r} is no candidate; {nearest(row.index, sorted(known))}".rstrip("; ")
        )
    if row.answer and row.answer not in ANSWERS:
        hint = nearest(row.answer.lower(), ANSWERS)
        raise EmiliaError(f"{row.where}: answer {row.answer!r}; {hint}there are {', '.join(ANSWERS)}")


def _csv_rows(path: Path) -> list[_Row]:
    try:
        table = read_table(path, COLUMNS)
    except CorpusError as error:
        raise EmiliaError(str(error)) from error
    return [_Row(f"{path}, row {number}", *(fields[name] for name in COLUMNS)) for number, fields in table]


def _json_rows(path: Path) -> list[_Row]:
    try:
        content: Any = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        raise EmiliaError(f"no readable review {path}: {error}") from error
    except ValueError as error:
        raise EmiliaError(f"{path} is not JSON: {error}") from error
    listed = content.get("answers") if isinstance(content, dict) else None
    if not isinstance(listed, list):
        raise EmiliaError(f"{path} holds no list of answers; is it what a review page saved?")
    sheet, reviewer = str(content.get("sheet", "")), str(content.get("reviewer", ""))
    rows = []
    for number, entry in enumerate(listed, start=1):
        where = f"{path}, answer {number}"
        if not isinstance(entry, dict) or not isinstance(entry.get("index"), str):
            raise EmiliaError(f"{where}: no object with an index: {entry!r}")
        answer = entry.get("answer")
        if answer is not None and not isinstance(answer, str):
            raise EmiliaError(f"{where}: answer {answer!r} is no text")
        rows.append(_Row(where, sheet, reviewer, entry["index"].strip(), (answer or "").strip()))
    return rows
