"""Folders of Hugging Face ``datasets``: written by ``save_to_disk`` (Arrow), or Parquet files as the hub stores them.

Read with pyarrow alone, without the ``datasets`` package. Columns are found by their usual names, or named by reader
options. An audio column holds bytes, a path, or a struct of both. Class labels become their names.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from c2ser_lightning.data.ledger import Skip
from tools.corpora.base import SPLIT_NAMES, CorpusError, ManifestRow, RowError, row_or_skip, safe_key
from tools.corpora.files import require_folder
from tools.corpora.recording import TableCell
from tools.corpora.table_cells import ARROW, PARQUET, MissingPyarrowError, arrow_table, pyarrow

USUAL_NAMES = {
    "audio": ("audio", "wav", "speech", "file", "path"),
    "label": ("emotion", "label", "emo", "labels", "major_emotion"),
    "text": ("text", "transcript", "transcription", "sentence", "raw_text", "utterance"),
    "speaker": ("speaker", "speaker_id", "spk", "spk_id", "actor"),
    "gender": ("gender", "sex"),
    "language": ("language", "lang", "locale"),
    "key": ("key", "id", "file_id", "utt_id"),
}
GENDERS = {"f": "female", "m": "male", "female": "female", "male": "male"}


@dataclass(frozen=True, slots=True)
class Table:
    """One Arrow or Parquet file: which of its columns mean what, and the names of its class labels."""

    path: Path
    split: str
    columns: Mapping[str, str]
    names: Mapping[str, Sequence[str]]
    corpus: str
    language: str


def read_hugging_face(
    data: Path,
    *,
    audio: str = "",
    label: str = "",
    text: str = "",
    speaker: str = "",
    language: str = "en",
    corpus: str = "",
) -> Iterator[ManifestRow | Skip]:
    """Read all splits of a dataset folder.

    Args:
        data: Folder of ``save_to_disk``, or of Parquet files.
        audio: Column with the sound; found by its usual names when empty, as the next three.
        label: Column with the emotion; a dataset without one is unlabelled speech.
        text: Column with the words.
        speaker: Column with the speaker.
        language: Of datasets without a column for it.
        corpus: Name of the corpus; the folder's own when empty. A known name brings its labels' meaning.

    Raises:
        CorpusError: No such files, no such column, or pyarrow is not installed.
    """
    require_folder(data, "a dataset", "dataset_info.json, dataset_dict.json or Parquet files")
    files = sorted([*data.rglob(f"*{ARROW}"), *data.rglob(f"*{PARQUET}")])
    # 'datasets' keeps results of map and filter beside the data.
    files = [path for path in files if not path.name.startswith("cache-")]
    if not files:
        raise CorpusError(
            f"{data} holds neither Arrow nor Parquet files; is it a folder of save_to_disk or of the hub?"
        )
    asked = {"audio": audio, "label": label, "text": text, "speaker": speaker}
    for path in files:
        schema = _schema(path)
        if isinstance(schema, Skip):
            yield schema
            continue
        columns = _columns(path, schema.names, asked)
        names = _class_names(schema, path)
        table = Table(path, _split(path, data), columns, names, corpus or data.resolve().name, language)
        yield from _rows(table, data)


def _schema(path: Path) -> Any:
    """Return a file's schema, or the Skip of a file that is broken: the others stay."""
    try:
        return pyarrow().parquet.read_schema(path) if path.suffix == PARQUET else arrow_table(path).schema
    except MissingPyarrowError as error:
        raise CorpusError(str(error)) from error
    except (ValueError, OSError) as error:
        return Skip(path.name, "unreadable_table", str(error), str(path))


def _columns(path: Path, there: Sequence[str], asked: Mapping[str, str]) -> dict[str, str]:
    """Return the column of each meaning.

    Raises:
        CorpusError: A named column is not there, or none holds audio.
    """
    columns: dict[str, str] = {}
    for meaning, usual in USUAL_NAMES.items():
        wanted = (asked[meaning],) if asked.get(meaning) else usual
        found = next((name for name in wanted if name in there), "")
        if not found and (asked.get(meaning) or meaning == "audio"):
            hint = "" if asked.get(meaning) else f"; name it with the reader option {meaning}=<column>"
            raise CorpusError(f"{path} has no column {' or '.join(wanted)}, but {', '.join(there)}{hint}")
        if found:
            columns[meaning] = found
    return columns


def _class_names(schema: Any, path: Path) -> dict[str, list[str]]:
    """Return the names of class labels, from the schema's metadata or ``dataset_info.json``."""
    metadata = (schema.metadata or {}).get(b"huggingface", b"{}")
    features = (json.loads(metadata).get("info") or {}).get("features") or {}
    info = path.parent / "dataset_info.json"
    if not features and info.is_file():
        features = json.loads(info.read_text(encoding="utf-8")).get("features") or {}
    # The hub writes features as a list, 'datasets' as an object.
    described = features.items() if isinstance(features, dict) else ((part["name"], part) for part in features)
    return {name: part["names"] for name, part in described if isinstance(part, dict) and "names" in part}


def _split(path: Path, data: Path) -> str:
    """Return the split that a file name (``train-00000-of-00002``) or a folder above it names."""
    below = path.relative_to(data)
    words = [below.stem.split("-")[0], *reversed(below.parts[:-1])]
    return next((SPLIT_NAMES[word.lower()] for word in words if word.lower() in SPLIT_NAMES), "")


def _rows(table: Table, data: Path) -> Iterator[ManifestRow | Skip]:
    wanted = [column for meaning, column in table.columns.items() if meaning != "audio"]
    stem = safe_key(table.path.relative_to(data).with_suffix("").as_posix())
    for number, values in enumerate(_values(table.path, wanted)):
        given = {meaning: values.get(column) for meaning, column in table.columns.items() if meaning != "audio"}
        key = safe_key(str(given["key"])) if given.get("key") not in {None, ""} else f"{stem}_{number:06d}"
        source = f"{table.path}, row {number}"
        yield row_or_skip(key, source, partial(_row, table, given, number, key, source))


def _values(path: Path, columns: list[str]) -> Iterator[dict[str, Any]]:
    """Yield every row without its sound."""
    if path.suffix == PARQUET:
        for batch in pyarrow().parquet.ParquetFile(path).iter_batches(columns=columns):
            yield from batch.to_pylist() if columns else ({} for _ in range(batch.num_rows))
        return
    for batch in arrow_table(path).select(columns).to_batches():
        yield from batch.to_pylist() if columns else ({} for _ in range(batch.num_rows))


def _row(table: Table, given: Mapping[str, Any], number: int, key: str, source: str) -> ManifestRow:
    return ManifestRow(
        key=key,
        audio=TableCell(table.path, number, table.columns["audio"]),
        label=_name(table, "label", given),
        corpus=table.corpus,
        speaker=_name(table, "speaker", given) or "unknown",
        gender=GENDERS.get(_name(table, "gender", given).lower(), ""),
        language=_name(table, "language", given).lower() or table.language,
        transcript=_name(table, "text", given),
        split=table.split,
        source=source,
    )


def _name(table: Table, meaning: str, given: Mapping[str, Any]) -> str:
    """Return a value as text: a class label by its name."""
    value = given.get(meaning)
    names = table.names.get(table.columns.get(meaning, ""))
    if value is None:
        return ""
    if names is None or not isinstance(value, int):
        return str(value).strip()
    if not 0 <= value < len(names):
        # -1 is what 'datasets' writes for a hidden label.
        if value == -1:
            return ""
        raise RowError("unknown_label", f"class {value} is none of the {len(names)} of column {meaning!r}")
    return names[value]
