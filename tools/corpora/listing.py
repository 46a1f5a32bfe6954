"""From the fields of a user's own list (CSV or JSON lines) to a manifest row."""

import math
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from tools.corpora.base import SPLITS, ManifestRow, RowError, key_of, safe_key
from tools.corpora.recording import Recording, Segment
from tools.corpora.tables import Fields


def shared_folder(files: Iterable[str]) -> str:
    """Return the deepest folder that holds all files; keys are paths below it."""
    shared: str | None = None
    for folder in (str(Path(file).parent) for file in files if file):
        if shared is None:
            shared = folder
        elif Path(folder).is_absolute() != Path(shared).is_absolute():
            return "."
        elif folder != shared:
            shared = os.path.commonpath((shared, folder))
    return "." if shared is None else shared


def key_from(fields: Fields, shared: str) -> str:
    """Return a row's key: its own, or its path below the shared folder, with the start of a segment."""
    if fields.get("key"):
        return safe_key(fields["key"])
    file = fields["file"]
    key = key_of(os.path.relpath(file, shared) if shared != "." else file)
    return f"{key}_{safe_key(fields['start'])}" if fields.get("start") else key


def listed_row(
    fields: Fields, key: str, source: str, folder: Path, votes: Mapping[str, int] | None = None
) -> ManifestRow:
    """Return the row that the fields ``file``, ``emotion`` and, where known, the others describe.

    Raises:
        RowError: A split is unknown, or the times of a segment are no numbers.
    """
    split = fields.get("split", "")
    if split and split not in SPLITS:
        raise RowError("unknown_split", f"split {split!r} is none of {', '.join(SPLITS)}")
    return ManifestRow(
        key=key,
        audio=_recording(fields, folder),
        label=fields.get("emotion", ""),
        corpus=fields.get("corpus") or folder.resolve().name,
        speaker=fields.get("speaker") or "unknown",
        gender=fields.get("gender", ""),
        language=(fields.get("language") or "en").lower(),
        transcript=fields.get("text", ""),
        split=split,
        source=source,
        votes=dict(votes or {}),
    )


def _recording(fields: Fields, folder: Path) -> Recording:
    path = folder / fields["file"]
    start, end = _seconds(fields, "start"), _seconds(fields, "end")
    if start is None and end is None:
        return path
    if end is not None and end <= (start or 0.0):
        raise RowError("bad_segment", f"the segment ends at {end:g} s, not after its start at {start or 0:g} s")
    return Segment(path, start or 0.0, end)


def _seconds(fields: Fields, name: str) -> float | None:
    text = fields.get(name, "")
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and value >= 0):
        raise RowError("bad_segment", f"{name} {text!r} is no time in seconds")
    return value
