"""nEMO (Christop 2024), Polish: ``data.tsv`` and ``samples/SK1_anger_1.wav``, nine actors, 4,481 files."""

from collections.abc import Iterator
from pathlib import Path

from c2ser_lightning.data.ledger import Skip
from tools.corpora.base import CorpusError, ManifestRow, key_of
from tools.corpora.csv_manifest import read_csv_manifest
from tools.corpora.files import find_file, sound_of
from tools.corpora.tables import Fields, read_table

COLUMNS = ("file_id", "emotion", "raw_text", "speaker_id")


def read_nemo(data: Path) -> Iterator[ManifestRow | Skip]:
    """Read nEMO, or a part of it with a manifest; without an official split, speakers are split (``tools.splitting``).

    Raises:
        CorpusError: The folder is missing, holds neither ``data.tsv`` nor ``manifest.csv``, or the table lacks columns.
    """
    if (data / "manifest.csv").is_file():
        yield from read_csv_manifest(data)
        return
    table = find_file(data, ("data.tsv", "*/data.tsv"), "nEMO")
    rows = read_table(table, COLUMNS, delimiter="\t")
    if not rows:
        raise CorpusError(f"{table} lists no utterance: there is nothing below its first line")
    for number, fields in rows:
        yield _row(table, number, fields)


def _row(table: Path, number: int, fields: Fields) -> ManifestRow | Skip:
    source = f"{table}, row {number}"
    if not fields["file_id"]:
        return Skip(f"row {number}", "no_file_named", "the column 'file_id' is empty", source)
    return ManifestRow(
        key=key_of(fields["file_id"]),
        audio=sound_of(table.parent / "samples" / Path(fields["file_id"]).stem),
        label=fields["emotion"],
        corpus="nEMO",
        speaker=f"nemo_{fields['speaker_id']}",
        gender=fields.get("sex", ""),
        language="pl",
        transcript=fields["raw_text"],
        split="",
        source=source,
    )
