"""Whether the index beside a tar says where the tar's utterances really lie."""

import json
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from c2ser_lightning.data.shard_index import Entry, index_path
from tools.inspection.findings import Findings

_NAMES = [one.name for one in fields(Entry)]


def check_index(tar: Path, size: int, entries: list[Entry], findings: Findings) -> None:
    """Compare an index with what was read.

    Args:
        tar: The shard, whole.
        size: Its bytes.
        entries: Its utterances as they were read.
        findings: Receives what differs.
    """
    path = index_path(tar)
    if not path.is_file():
        findings.add("no_index", tar.name)
        return
    try:
        header, *rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        objection = _objection(header["tar_bytes"], size, rows, entries)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        objection = f"not an index ({type(error).__name__}: {error})"
    if objection:
        findings.add("index", f"{path.name}: {objection}")


def _objection(said: Any, size: int, rows: list[Any], entries: list[Entry]) -> str:
    if said != size:
        return f"is of a tar of {said} bytes, this one has {size}"
    if len(rows) != len(entries):
        return f"names {len(rows)} utterances, the tar holds {len(entries)}"
    for row, entry in zip(rows, entries, strict=True):
        true = asdict(entry)
        wrong = [name for name in _NAMES if row.get(name) != true[name]]
        if wrong:
            return f"{entry.key}: {wrong[0]} is {row.get(wrong[0])!r}, in the tar {true[wrong[0]]!r}"
    return ""
