"""Stage 6: a shard's records and sounds become a tar, unless the tar that is there holds just these."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from functools import partial
from pathlib import Path

from c2ser_lightning.data.atomic_file import write_atomically
from c2ser_lightning.data.shard_index import index_path
from tools.building.engine import Engine
from tools.building.spool import SpoolLine, sorted_lines
from tools.building.vectors import Encoder, member
from tools.building.work_folder import BuildError, WorkFolder
from tools.shard_writer import ShardInfo, ShardMembers, write_shard

FORMAT = 1
"""Raised when the same utterances would be packed otherwise than by an earlier version of this code."""


def pack_shards(
    shards: Iterable[str], work: WorkFolder, out: Path, encoder: Encoder | None, engine: Engine
) -> Iterator[tuple[ShardInfo, bool]]:
    """Pack shards; yields each, and whether it was there."""
    return engine.map(partial(pack_shard, work=work, out=out, encoder=encoder), shards)


def pack_shard(shard: str, work: WorkFolder, out: Path, encoder: Encoder | None) -> tuple[ShardInfo, bool]:
    """Write a shard such as ``train-000000``, unless it is there; holds its records, and one sound at a time."""
    target, note = out / f"{shard}.tar", work.note(shard)
    content = _content(work.spool(shard), encoder)
    known = _known(note, content, target)
    if known is not None:
        return known, True
    # Between here and the new note the tar may be of either content, so no note vouches for it.
    note.unlink(missing_ok=True)
    info = write_shard(_members(sorted_lines(work.spool(shard)), work, encoder), target)
    state = {"content": content, "mtime_ns": target.stat().st_mtime_ns, "shard": asdict(info)}
    write_atomically(note, json.dumps(state) + "\n")
    return info, False


def _content(spool: Path, encoder: Encoder | None) -> str:
    """Return the hash of everything that a shard's bytes depend on."""
    summed = hashlib.sha256(f"{FORMAT} {encoder.key('') if encoder else ''}\n".encode())
    for line in sorted_lines(spool):
        summed.update(f"{line.order} {line.clip.sha256} {line.record}\n".encode())
    return summed.hexdigest()


def _known(note: Path, content: str, target: Path) -> ShardInfo | None:
    """Return a finished shard if its note fits the content and its files fit the note."""
    try:
        state = json.loads(note.read_text(encoding="utf-8"))
        info, there = ShardInfo(**state["shard"]), target.stat()
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None
    whole = (there.st_size, there.st_mtime_ns) == (info.bytes, state["mtime_ns"]) and index_path(target).is_file()
    return info if whole and state["content"] == content else None


def _members(lines: Iterable[SpoolLine], work: WorkFolder, encoder: Encoder | None) -> Iterator[ShardMembers]:
    for line in lines:
        key = json.loads(line.record)["key"]
        vectors = None if encoder is None else member(work.vectors(encoder.key(line.unit)), line.place)
        yield ShardMembers(key, line.record, _sound(line, work), vectors)


def _sound(line: SpoolLine, work: WorkFolder) -> bytes:
    path = work.sound(line.unit)
    with path.open("rb") as file:
        file.seek(line.clip.offset)
        data = file.read(line.clip.size)
    if hashlib.sha256(data).hexdigest() != line.clip.sha256:
        raise BuildError(f"{path} is damaged; remove it and {path.with_suffix('.jsonl').name} beside it, and run again")
    return data
