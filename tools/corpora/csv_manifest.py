"""Any corpus that a CSV manifest lists: one row an utterance, audio paths relative to the manifest.

Columns ``file`` and ``emotion`` are required; ``corpus``, ``speaker``, ``gender``, ``language``, ``text`` and ``split``
are used where they exist. An empty emotion means unlabelled speech.
"""

import csv
from collections.abc import Iterator
from pathlib import Path

from c2ser_lightning.data.ledger import Skip
from tools.corpora.base import SPLITS, CorpusError, ManifestRow, key_of

REQUIRED = ("file", "emotion")


def read_csv_manifest(data: Path) -> Iterator[ManifestRow | Skip]:
    """Read a manifest, or ``manifest.csv`` of a folder.

    Raises:
        CorpusError: No such file, no row, or a required column is missing.
    """
    manifest = data / "manifest.csv" if data.is_dir() else data
    if not manifest.is_file():
        raise CorpusError(f"no manifest {manifest}; give a CSV file, or a folder that holds manifest.csv")
    with manifest.open(newline="", encoding="utf-8-sig") as file:
        reader = csv.DictReader(file)
        columns = reader.fieldnames or []
        missing = [column for column in REQUIRED if column not in columns]
        if missing:
            there = ", ".join(columns) or "nothing"
            raise CorpusError(f"{manifest} has no column {', '.join(map(repr, missing))}; its first line holds: {there}")
        empty = True
        for number, fields in enumerate(reader, start=2):
            empty = False
            yield _row(manifest, number, {key: (value or "").strip() for key, value in fields.items() if key})
        if empty:
            raise CorpusError(f"{manifest} lists no utterance: there is nothing below its first line")


def _row(manifest: Path, number: int, fields: dict[str, str]) -> ManifestRow | Skip:
    source = f"{manifest}, row {number}"
    file, split = fields["file"], fields.get("split", "")
    if not file:
        return Skip(f"row {number}", "no_file_named", "the column 'file' is empty", source)
    if split and split not in SPLITS:
        return Skip(key_of(file), "unknown_split", f"split {split!r} is none of {', '.join(SPLITS)}", source)
    return ManifestRow(
        key=key_of(Path(file).name),
        audio=manifest.parent / file,
        label=fields["emotion"],
        corpus=fields.get("corpus") or manifest.parent.name,
        speaker=fields.get("speaker") or "unknown",
        gender=fields.get("gender", ""),
        language=fields.get("language") or "en",
        transcript=fields.get("text", ""),
        split=split,
        source=source,
    )
