"""Any corpus that a JSON lines file lists: one object an utterance, audio paths relative to the file.

The fields are those of the CSV manifest, under the names that ASR and LLM tools give them (table ``ALIASES``); besides,
``duration`` may stand instead of ``end``, and ``votes`` may hold an object of label and number of annotators.
"""

import json
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

from c2ser_lightning.data.ledger import Skip
from tools.corpora.base import CorpusError, ManifestRow, RowError, row_or_skip
from tools.corpora.files import read_lines
from tools.corpora.listing import key_from, listed_row, shared_folder
from tools.corpora.tables import Fields

ALIASES = {
    "file": ("file", "audio", "wav", "audio_filepath", "audio_path", "path"),
    "emotion": ("emotion", "label", "emo"),
    "text": ("text", "txt", "transcript", "transcription", "sentence"),
    "speaker": ("speaker", "spk", "speaker_id"),
    "gender": ("gender", "sex"),
    "language": ("language", "lang"),
    "split": ("split",),
    "corpus": ("corpus", "dataset"),
    "key": ("key", "id", "utt", "index"),
    "start": ("start", "offset", "start_time"),
    "end": ("end", "end_time"),
}


def read_json_lines(data: Path) -> Iterator[ManifestRow | Skip]:
    """Read a JSON lines file, or ``manifest.jsonl`` of a folder.

    Raises:
        CorpusError: No such file, or it is empty.
    """
    listing = data / "manifest.jsonl" if data.is_dir() else data
    if not listing.is_file():
        raise CorpusError(f"no list {listing}; give a JSON lines file, or a folder that holds manifest.jsonl")
    # Read twice rather than held: keys depend on the folder that all files share.
    entries = (entry for _, entry in json_objects(listing))
    first = next(entries, None)
    if first is None:
        raise CorpusError(f"{listing} lists no utterance: it is empty")
    shared = shared_folder(_fields(entry)["file"] for entry in chain([first], entries) if isinstance(entry, dict))
    for source, entry in json_objects(listing):
        yield _row(source, entry, listing.parent, shared)


def json_objects(path: Path) -> Iterator[tuple[str, dict[str, Any] | Skip]]:
    """Yield every line's object with where it stands; a line that is no JSON object becomes a Skip."""
    for number, line in enumerate(read_lines(path), start=1):
        source = f"{path}, line {number}"
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
        except ValueError as error:
            yield source, Skip(f"line {number}", "not_json", str(error), source)
            continue
        wrong = Skip(f"line {number}", "not_json", "the line holds no object {...}", source)
        yield source, entry if isinstance(entry, dict) else wrong


def _fields(entry: dict[str, Any]) -> Fields:
    found = {
        name: next((entry[a] for a in aliases if entry.get(a) is not None), "") for name, aliases in ALIASES.items()
    }
    fields = {name: str(value).strip() for name, value in found.items()}
    if not fields["end"] and fields["start"] and entry.get("duration") is not None:
        try:
            fields["end"] = repr(float(fields["start"]) + float(entry["duration"]))
        except (TypeError, ValueError):
            fields["end"] = str(entry["duration"])
    return fields


def _row(source: str, entry: dict[str, Any] | Skip, folder: Path, shared: str) -> ManifestRow | Skip:
    if isinstance(entry, Skip):
        return entry
    fields = _fields(entry)
    if not fields["file"]:
        names = ", ".join(ALIASES["file"])
        return Skip(source.rpartition(", ")[2], "no_file_named", f"none of the fields {names}", source)
    key = key_from(fields, shared)
    return row_or_skip(key, source, lambda: listed_row(fields, key, source, folder, _votes(entry)))


def _votes(entry: dict[str, Any]) -> dict[str, int]:
    votes = entry.get("votes") or {}
    if not isinstance(votes, dict) or not all(isinstance(number, int) for number in votes.values()):
        raise RowError("bad_votes", f"votes {votes!r} are no object of label and whole number")
    return {str(label): number for label, number in votes.items()}
