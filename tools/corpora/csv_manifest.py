"""Any corpus that a CSV manifest lists: one row an utterance, audio paths relative to the manifest.

Columns ``file`` and ``emotion`` are required; ``corpus``, ``speaker``, ``gender``, ``language``, ``text`` and ``split``
are used where they exist. An empty emotion means unlabelled speech.
"""

import csv
import os
from collections.abc import Iterator
from pathlib import Path

from c2ser_lightning.data.ledger import Skip
from tools.corpora.base import SPLITS, CorpusError, ManifestRow, key_of

REQUIRED = ("file", "emotion")

Fields = dict[str, str]


def read_csv_manifest(data: Path) -> Iterator[ManifestRow | Skip]:
    """Read a manifest, or ``manifest.csv`` of a folder.

    An utterance's key is its path below the folder that all files share, so ``a/001.wav`` and ``b/001.wav`` differ.

    Raises:
        CorpusError: No such file, not UTF-8 CSV, no row, or a required column is missing.
    """
    manifest = data / "manifest.csv" if data.is_dir() else data
    if not manifest.is_file():
        raise CorpusError(f"no manifest {manifest}; give a CSV file, or a folder that holds manifest.csv")
    numbered = _fields(manifest)
    if not numbered:
        raise CorpusError(f"{manifest} lists no utterance: there is nothing below its first line")
    shared = _shared_folder([fields["file"] for _, fields in numbered if fields["file"]])
    for number, fields in numbered:
        yield _row(manifest, number, fields, shared)


def _fields(manifest: Path) -> list[tuple[int, Fields]]:
    """Return the rows with the numbers of the lines they end on, after a look at the columns."""
    try:
        with manifest.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            columns = reader.fieldnames or []
            missing = [column for column in REQUIRED if column not in columns]
            if missing:
                there = ", ".join(columns) or "nothing"
                wanted = ", ".join(map(repr, missing))
                raise CorpusError(f"{manifest} has no column {wanted}; its first line holds: {there}")
            return [(reader.line_num, _clean(row)) for row in reader]
    except UnicodeDecodeError as error:
        raise CorpusError(f"{manifest} is not UTF-8 (byte {error.start}); save it as UTF-8") from error
    except csv.Error as error:
        raise CorpusError(f"{manifest} is not CSV: {error}") from error


def _clean(row: dict[str | None, str | list[str] | None]) -> Fields:
    """Strip every value; what stands beyond the last column is dropped, what is missing becomes empty."""
    return {key: value.strip() if isinstance(value, str) else "" for key, value in row.items() if key is not None}


def _shared_folder(files: list[str]) -> str:
    """Return the deepest folder that holds all files."""
    folders = {str(Path(file).parent) for file in files}
    if len({Path(folder).is_absolute() for folder in folders}) > 1:
        return "."
    return os.path.commonpath(folders) if folders else "."


def _row(manifest: Path, number: int, fields: Fields, shared: str) -> ManifestRow | Skip:
    source = f"{manifest}, row {number}"
    file, split = fields["file"], fields.get("split", "")
    if not file:
        return Skip(f"row {number}", "no_file_named", "the column 'file' is empty", source)
    key = key_of(os.path.relpath(file, shared) if shared != "." else file)
    if split and split not in SPLITS:
        return Skip(key, "unknown_split", f"split {split!r} is none of {', '.join(SPLITS)}", source)
    return ManifestRow(
        key=key,
        audio=manifest.parent / file,
        label=fields["emotion"],
        corpus=fields.get("corpus") or manifest.resolve().parent.name,
        speaker=fields.get("speaker") or "unknown",
        gender=fields.get("gender", ""),
        language=(fields.get("language") or "en").lower(),
        transcript=fields.get("text", ""),
        split=split,
        source=source,
    )
