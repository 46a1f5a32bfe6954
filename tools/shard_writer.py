"""Write utterances as WebDataset tars that are byte-identical for identical input."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import webdataset

from c2ser_lightning.data.record import UtteranceRecord
from c2ser_lightning.data.shard_index import AUDIO_SUFFIX, RECORD_SUFFIX, index_path, write_index


@dataclass(frozen=True, slots=True)
class ShardInfo:
    """One finished shard."""

    file: str
    utterances: int
    bytes: int
    sha256: str


def write_shards(
    samples: Iterable[tuple[UtteranceRecord, bytes]], folder: Path, split: str, utterances_per_shard: int
) -> list[ShardInfo]:
    """Write records and their FLAC into ``<split>-000000.tar``, ``<split>-000001.tar``, ... with an index beside each.

    A shard gets its final name only when it is whole, so that an interrupted run leaves no half shard behind.
    """
    folder.mkdir(parents=True, exist_ok=True)
    stream = iter(samples)
    written: list[ShardInfo] = []
    while chunk := list(islice(stream, utterances_per_shard)):
        written.append(_write_one(chunk, folder / f"{split}-{len(written):06d}.tar"))
    return written


def _write_one(chunk: list[tuple[UtteranceRecord, bytes]], target: Path) -> ShardInfo:
    temporary = target.with_suffix(".tar.partial")
    with webdataset.TarWriter(str(temporary), encoder=False, mtime=0, user="", group="") as writer:
        for sample in _members(chunk):
            writer.write(sample)
    temporary.replace(target)
    write_index(target)
    with target.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return ShardInfo(target.name, len(chunk), target.stat().st_size, digest)


def remove_stale(folder: Path, split: str, shards: Iterable[ShardInfo]) -> None:
    """Remove a split's shards that an earlier or interrupted run left and that are not among ``shards``."""
    current = {shard.file for shard in shards}
    for tar in folder.glob(f"{split}-*.tar"):
        if tar.name not in current:
            tar.unlink()
            index_path(tar).unlink(missing_ok=True)
    for partial in folder.glob(f"{split}-*.tar.partial"):
        partial.unlink()


def _members(chunk: list[tuple[UtteranceRecord, bytes]]) -> Iterator[dict[str, str | bytes]]:
    for record, audio in chunk:
        yield {"__key__": record.key, AUDIO_SUFFIX: audio, RECORD_SUFFIX: record.to_json().encode()}
