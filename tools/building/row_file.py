"""Rows of a corpus as JSON lines, and the fingerprint by which a changed recording is noticed."""

import json
from collections.abc import Iterable
from dataclasses import asdict, fields
from functools import lru_cache
from pathlib import Path
from typing import Any

from tools.corpora.base import ManifestRow
from tools.corpora.recording import Recording, Segment, TableCell

_PLAIN = [name.name for name in fields(ManifestRow) if name.name != "audio"]
_KINDS: dict[str, type[Segment] | type[TableCell]] = {"segment": Segment, "cell": TableCell}


def write_rows(path: Path, rows: Iterable[ManifestRow]) -> None:
    """Write rows; a run that is killed meanwhile writes them anew, so nothing waits for the disk."""
    path.write_text("".join(map(_line, rows)), encoding="utf-8")


def read_rows(path: Path) -> list[ManifestRow]:
    """Read what :func:`write_rows` wrote."""
    with path.open(encoding="utf-8", newline="\n") as file:
        return [_row(json.loads(line)) for line in file]


def _line(row: ManifestRow) -> str:
    content = {name: getattr(row, name) for name in _PLAIN} | {"audio": _written(row.audio)}
    return json.dumps(content, ensure_ascii=False) + "\n"


def _row(content: dict[str, Any]) -> ManifestRow:
    return ManifestRow(**content | {"audio": _recording(content["audio"])})


def _written(audio: Recording) -> dict[str, Any]:
    if isinstance(audio, Path):
        return {"file": {"path": str(audio)}}
    kind = "segment" if isinstance(audio, Segment) else "cell"
    return {kind: asdict(audio) | {"path": str(audio.path)}}


def _recording(written: dict[str, Any]) -> Recording:
    ((kind, parts),) = written.items()
    path = Path(parts.pop("path"))
    return path if kind == "file" else _KINDS[kind](path, **parts)


def fingerprint(audio: Recording) -> str:
    """Return what changes when a recording does: its place, and size and time of last change of the file.

    The bytes are not read: every run would read the whole corpus, 100 GB and more for the paper's, to find out that
    nothing changed. As with make and rsync, a file that was changed with its size and time kept is missed. So is a
    sound file that a table's cell only names.
    """
    path = audio if isinstance(audio, Path) else audio.path
    return json.dumps([_written(audio), *_state(path)], ensure_ascii=False)


@lru_cache(maxsize=1024)
def _state(path: Path) -> tuple[int, int]:
    try:
        state = path.stat()
    except OSError:
        return (-1, -1)
    return (state.st_size, state.st_mtime_ns)


def forget_files() -> None:
    """Look at files anew: a process may build twice."""
    _state.cache_clear()
