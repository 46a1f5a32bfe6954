"""Write utterances as WebDataset tars that are byte-identical for identical input."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import webdataset

from c2ser_lightning.data.atomic_file import PARTIAL, atomic_file
from c2ser_lightning.data.shard_index import AUDIO_SUFFIX, RECORD_SUFFIX, VECTORS_SUFFIX, index_path, write_index


@dataclass(frozen=True, slots=True)
class ShardInfo:
    """One finished shard."""

    file: str
    utterances: int
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class ShardMembers:
    """The files of one utterance.

    Attributes:
        key: Their common name.
        record: JSON.
        audio: FLAC.
        vectors: Emotion2Vec-S vectors in numpy's format, if there are any.
    """

    key: str
    record: str
    audio: bytes
    vectors: bytes | None = None

    def sample(self) -> dict[str, str | bytes]:
        """Return what WebDataset's writer takes."""
        sample: dict[str, str | bytes] = {"__key__": self.key, AUDIO_SUFFIX: self.audio}
        if self.vectors is not None:
            sample[VECTORS_SUFFIX] = self.vectors
        return sample | {RECORD_SUFFIX: self.record.encode()}


def write_shard(utterances: Iterable[ShardMembers], target: Path) -> ShardInfo:
    """Write a tar and the index beside it; one utterance is in memory at a time.

    The shard gets its name only when it is whole, so that an interrupted run leaves no half shard behind.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    count = 0
    with atomic_file(target) as file, webdataset.TarWriter(file, encoder=False, mtime=0, user="", group="") as writer:
        for utterance in utterances:
            writer.write(utterance.sample())
            # The archive remembers every header, which grows with the shard.
            writer.tarstream.members = []
            count += 1
    write_index(target)
    with target.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return ShardInfo(target.name, count, target.stat().st_size, digest)


def remove_stale(folder: Path, shards: Iterable[ShardInfo]) -> None:
    """Remove shards that an earlier or interrupted run left and that are not among ``shards``."""
    current = {shard.file for shard in shards}
    for tar in folder.glob("*-[0-9][0-9][0-9][0-9][0-9][0-9].tar"):
        if tar.name not in current:
            tar.unlink()
            index_path(tar).unlink(missing_ok=True)
    for partial in folder.glob(f"*{PARTIAL}"):
        partial.unlink()
