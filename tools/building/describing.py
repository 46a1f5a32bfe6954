"""Stage 3: what was measured and what the corpus says become records; levels' statistics are collected on the way."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path

from c2ser_lightning.data.atomic_file import write_atomically
from c2ser_lightning.data.ledger import Skip
from c2ser_lightning.data.record import UtteranceRecord
from c2ser_lightning.emotions import harmonise, harmonise_votes
from tools.attributes.measure import speaking_rate
from tools.building.engine import Engine
from tools.building.measuring import Clip, Measured, Unusable, read_measured, skip_of
from tools.building.planning import Unit, digest
from tools.building.row_file import read_rows
from tools.building.work_folder import UnitFiles, WorkFolder
from tools.corpora.base import ManifestRow
from tools.label_noise import noisy
from tools.level_table import LevelTable

FORMAT = 1
"""Raised when the same rows would be described otherwise than by an earlier version of this code."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An utterance on its way.

    Attributes:
        record: All but levels and texts.
        clip: Its FLAC in the unit's sound file.
    """

    record: UtteranceRecord
    clip: Clip


@dataclass(slots=True)
class Size:
    """How much there is to pack."""

    utterances: int = 0
    sound_bytes: int = 0

    def add(self, other: "Size") -> None:
        """Count another part."""
        self.utterances += other.utterances
        self.sound_bytes += other.sound_bytes


@dataclass(slots=True)
class Described:
    """A unit whose records are on disk.

    Attributes:
        files: Names of its files.
        training: Statistics of its utterances for training.
        others: Statistics of the others.
        sizes: How much there is of each split.
        skips: Rows that cannot be used.
    """

    files: UnitFiles
    training: LevelTable
    others: LevelTable
    sizes: dict[str, Size] = field(default_factory=dict)
    skips: list[Skip] = field(default_factory=list)


def describe_units(
    units: Iterable[Unit], work: WorkFolder, empty: LevelTable, engine: Engine, label_noise: float = 0.0
) -> Iterator[Described]:
    """Describe units; ``empty`` says whose mean and sd are collected, ``label_noise`` how many labels become wrong."""
    return engine.map(partial(describe_unit, work=work, empty=empty, label_noise=label_noise), units)


def describe_unit(unit: Unit, work: WorkFolder, empty: LevelTable, label_noise: float = 0.0) -> Described:
    """Write a unit's records, unless they are there, and count them."""
    rows_file = work.rows(unit.number)
    noise = [f"label noise {label_noise:g}"] if label_noise else []
    key = digest(str(FORMAT), unit.key, rows_file.read_text(encoding="utf-8"), *noise)
    path = work.records(key)
    if not path.is_file():
        _write(path, read_rows(rows_file), read_measured(work.measured(unit.key)), label_noise)
    described = Described(UnitFiles(unit.rows, unit.key, key), empty.alike(), empty.alike())
    for item in read_records(path):
        if isinstance(item, Skip):
            described.skips.append(item)
            continue
        record = item.record
        (described.training if record.split == "train" else described.others).add(record)
        described.sizes.setdefault(record.split, Size()).add(Size(1, item.clip.size))
    return described


def _write(
    path: Path, rows: Sequence[ManifestRow], outcomes: Sequence[Measured | Unusable], label_noise: float
) -> None:
    lines = []
    for row, outcome in zip(rows, outcomes, strict=True):
        if isinstance(outcome, Unusable):
            lines.append(json.dumps({"skip": asdict(skip_of(row, outcome))}, ensure_ascii=False))
        else:
            clip = json.dumps(asdict(outcome.clip))
            record = noisy(record_of(row, outcome), label_noise)
            lines.append(f'{{"clip": {clip}, "record": {record.to_json()}}}')
    write_atomically(path, "".join(line + "\n" for line in lines))


def record_of(row: ManifestRow, measured: Measured) -> UtteranceRecord:
    """Join what the corpus says of an utterance with what was measured."""
    rate = speaking_rate(row.transcript, row.language, measured.speech_seconds)
    return UtteranceRecord(
        key=row.key,
        corpus=row.corpus,
        speaker=row.speaker,
        language=row.language,
        split=row.split,
        emotion=harmonise(row.label, row.corpus) if row.label else None,
        transcript=row.transcript,
        duration=measured.seconds,
        gender=row.gender,
        emotion_original=row.label,
        votes=harmonise_votes(row.votes, row.corpus),
        attributes=replace(measured.attributes, speaking_rate=rate),
    )


def usable_entries(path: Path) -> Iterator[Entry]:
    """Yield a unit's utterances only."""
    return (item for item in read_records(path) if isinstance(item, Entry))


def read_records(path: Path) -> Iterator[Entry | Skip]:
    """Yield a unit's utterances and skips, in the order of its rows."""
    with path.open(encoding="utf-8", newline="\n") as file:
        for line in file:
            content = json.loads(line)
            if "skip" in content:
                yield Skip(**content["skip"])
            else:
                yield Entry(UtteranceRecord.from_fields(content["record"]), Clip(**content["clip"]))
