"""Candidates for review: the surest automatic labels, 300 per emotion and language (paper IV-B)."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from c2ser_lightning.data.ledger import Skip
from c2ser_lightning.emotions import EMOTIONS
from tools.corpora.base import RowError
from tools.corpora.json_lines import json_objects
from tools.corpora.listing import listed_row
from tools.corpora.recording import Segment
from tools.corpora.tables import Fields, read_table
from tools.emo_emilia.candidate import Candidate, EmiliaError, drawn
from tools.emo_emilia.indices import with_indices
from tools.emo_emilia.quota import LANGUAGES, Quota, choose

NEEDED = ("key", "file", "emotion", "language", "confidence", "speech_confidence", "text_confidence")
MANIFESTS = ("manifest.csv", "manifest.jsonl")
Order = Literal["confidence", "random"]


@dataclass(frozen=True, slots=True)
class Chosen:
    """Candidates, the counts they were chosen from, and what was passed over before."""

    candidates: list[Candidate]
    quota: Quota
    passed_over: Counter[str]

    def lines(self) -> list[str]:
        """Return the report for a person."""
        over = ", ".join(f"{count} {reason}" for reason, count in self.passed_over.most_common()) or "nothing"
        return [*self.quota.lines(), f"{len(self.candidates)} candidates; passed over: {over}"]


def choose_candidates(manifests: Sequence[Path], wanted: int, order: Order, seed: int) -> Chosen:
    """Choose candidates from manifests that ``tools.auto_label`` wrote; the same from the same manifests.

    Args:
        manifests: Files, or the folders they are in.
        wanted: Utterances per emotion and language.
        order: Highest confidence first, or drawn at random as in the paper.
        seed: Of the draw.

    Raises:
        EmiliaError: A manifest cannot be read; the message names the row.
    """
    unique: dict[tuple[str, float | None, float | None], Candidate] = {}
    passed_over: Counter[str] = Counter()
    names: set[str] = set()
    for manifest in manifests:
        for one in read_manifest(manifest):
            sound = (one.file, one.start, one.end)
            if one.language not in LANGUAGES:
                passed_over[f"in {one.language or 'no known language'}"] += 1
            elif sound in unique or f"{one.corpus}/{one.key}" in names:
                passed_over["listed before"] += 1
            else:
                unique[sound] = one
                names.add(f"{one.corpus}/{one.key}")

    def rank(one: Candidate) -> tuple[float, str]:
        return (-one.confidence if order == "confidence" else 0.0), drawn(seed, one.corpus, one.key)

    found, surplus, quota = choose(unique.values(), lambda one: (one.emotion, one.language), rank, wanted)
    if surplus:
        passed_over["less sure" if order == "confidence" else "not drawn"] += len(surplus)
    return Chosen(with_indices(found), quota, passed_over)


def read_manifest(source: Path) -> Iterator[Candidate]:
    """Yield the utterances of one manifest, without an index yet.

    Raises:
        EmiliaError: No such manifest, or a row without what is needed.
    """
    named = [source / name for name in MANIFESTS] if source.is_dir() else [source]
    path = next((candidate for candidate in named if candidate.is_file()), None)
    if path is None:
        raise EmiliaError(f"no manifest {' or '.join(map(str, named))}; write one with python -m tools.auto_label")
    rows = _json_rows(path) if path.suffix == ".jsonl" else _table_rows(path)
    for where, fields in rows:
        yield _candidate(path, where, fields)


def _table_rows(path: Path) -> Iterator[tuple[str, Fields]]:
    for number, fields in read_table(path, NEEDED):
        yield f"{path}, row {number}", fields


def _json_rows(path: Path) -> Iterator[tuple[str, Fields]]:
    for where, entry in json_objects(path):
        if isinstance(entry, Skip):
            raise EmiliaError(f"{where}: {entry.detail}")
        yield where, {name: "" if value is None else str(value) for name, value in entry.items()}


def _candidate(path: Path, where: str, fields: Fields) -> Candidate:
    missing = [name for name in NEEDED if not fields.get(name)]
    if missing:
        raise EmiliaError(f"{where}: no {missing[0]!r}; is this a manifest that tools.auto_label wrote?")
    if fields["emotion"] not in EMOTIONS:
        raise EmiliaError(f"{where}: emotion {fields['emotion']!r} is none of {', '.join(EMOTIONS)}")
    try:
        row = listed_row(fields, fields["key"], where, path.parent)
        sure, speech, text = (float(fields[name]) for name in NEEDED[-3:])
    except (RowError, ValueError) as error:
        raise EmiliaError(f"{where}: {error}") from error
    if not all(0 <= value <= 1 for value in (sure, speech, text)):
        raise EmiliaError(f"{where}: a confidence is not between 0 and 1")
    segment = row.audio if isinstance(row.audio, Segment) else None
    file = segment.path if segment else path.parent / fields["file"]
    return Candidate(
        index="",
        corpus=row.corpus,
        key=row.key,
        speaker=row.speaker,
        language=row.language,
        emotion=row.label,
        text=row.transcript,
        file=str(file.resolve()),
        start=segment.start if segment else None,
        end=segment.end if segment else None,
        confidence=sure,
        speech_confidence=speech,
        text_confidence=text,
    )
