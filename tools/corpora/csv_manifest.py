"""Any corpus that a CSV manifest lists: one row an utterance, audio paths relative to the manifest.

Columns ``file`` and ``emotion`` are required; ``corpus``, ``speaker``, ``gender``, ``language``, ``text``, ``split``,
``key``, ``start`` and ``end`` (seconds within the file) are used where they exist. An empty emotion means unlabelled
speech.
"""

from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from c2ser_lightning.data.ledger import Skip
from tools.corpora.base import CorpusError, ManifestRow, row_or_skip
from tools.corpora.listing import key_from, listed_row, shared_folder
from tools.corpora.tables import Fields, iterate_table

REQUIRED = ("file", "emotion")


def read_csv_manifest(data: Path) -> Iterator[ManifestRow | Skip]:
    """Read a manifest, or ``manifest.csv`` of a folder.

    An utterance's key is its path below the folder that all files share, so ``a/001.wav`` and ``b/001.wav`` differ.

    Raises:
        CorpusError: No such file, not UTF-8 CSV, no row, or a required column is missing.
    """
    manifest = data / "manifest.csv" if data.is_dir() else data
    if not manifest.is_file():
        raise CorpusError(f"no manifest {manifest}; give a CSV file, or a folder that holds manifest.csv")
    # Read twice rather than held: keys depend on the folder that all files share.
    files = (fields["file"] for _, fields in iterate_table(manifest, REQUIRED))
    first = next(files, None)
    if first is None:
        raise CorpusError(f"{manifest} lists no utterance: there is nothing below its first line")
    shared = shared_folder(chain([first], files))
    for number, fields in iterate_table(manifest, REQUIRED):
        yield _row(manifest, number, fields, shared)


def _row(manifest: Path, number: int, fields: Fields, shared: str) -> ManifestRow | Skip:
    source = f"{manifest}, row {number}"
    if not fields["file"]:
        return Skip(f"row {number}", "no_file_named", "the column 'file' is empty", source)
    key = key_from(fields, shared)
    return row_or_skip(key, source, lambda: listed_row(fields, key, source, manifest.parent))
