"""Random access to WebDataset tars: where each utterance's members lie, so that epochs, ranks and resume are exact.

A tar is read by position, not as a stream:

    train-000000.tar            FLAC, JSON and perhaps NPY members, readable by any WebDataset reader
    train-000000.index.jsonl    one header line, then one line an utterance: key, offsets, sizes, duration, emotion

The index is a cache of what the tar says. A missing or outdated one is rebuilt in memory by scanning the tar.
"""

import io
import json
import tarfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO, Self

import numpy as np
from numpy.typing import NDArray

from c2ser_lightning.data.atomic_file import write_atomically
from c2ser_lightning.data.ledger import Ledger, Skip
from c2ser_lightning.data.record import RecordError, UtteranceRecord

AUDIO_SUFFIX = "flac"
RECORD_SUFFIX = "json"
VECTORS_SUFFIX = "npy"
"""An optional third member: Emotion2Vec-S vectors ``[E, D]`` in half precision, in numpy's format."""


class ShardError(RuntimeError):
    """A shard folder cannot be used at all; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Where one utterance lies in its tar; offsets and sizes are in bytes, those of vectors ``None`` without any."""

    key: str
    audio_offset: int
    audio_size: int
    record_offset: int
    record_size: int
    duration: float
    emotion: str | None
    vectors_offset: int | None = None
    vectors_size: int | None = None

    def written(self) -> dict[str, object]:
        """Return what an index says; of an utterance without vectors, what it said before there were any."""
        return {name: value for name, value in asdict(self).items() if value is not None or name == "emotion"}


@dataclass(frozen=True, slots=True)
class _Header:
    version: int
    tar_bytes: int


_VERSION = 1


def index_path(tar: Path) -> Path:
    """Return where the index of a tar lies."""
    return tar.with_name(f"{tar.stem}.index.jsonl")


def write_index(tar: Path) -> Path:
    """Scan a finished tar and write its index beside it.

    Raises:
        ShardError: The tar cannot be read to its end, so it must be built again.
    """
    ledger = Ledger()
    entries = scan_tar(tar, ledger)
    if len(ledger):
        raise ShardError(f"{tar}: {ledger.skips[0].detail}; build this shard again")
    header = _Header(_VERSION, tar.stat().st_size)
    lines = [json.dumps(row, ensure_ascii=False) for row in (asdict(header), *(one.written() for one in entries))]
    target = index_path(tar)
    write_atomically(target, "\n".join(lines) + "\n")
    return target


def scan_tar(tar: Path, ledger: Ledger) -> list[Entry]:
    """Read a tar's headers and records; what cannot be read goes into the ledger, the rest is returned."""
    members: dict[str, dict[str, tarfile.TarInfo]] = {}
    for member in _walk(tar, ledger):
        stem, _, suffix = Path(member.name).name.partition(".")
        members.setdefault(stem, {})[suffix] = member
    entries = (_entry(tar, key, parts, ledger) for key, parts in members.items())
    return [entry for entry in entries if entry is not None]


def _walk(tar: Path, ledger: Ledger) -> Iterator[tarfile.TarInfo]:
    """Yield a tar's members; behind a damaged header go on with the next whole one, where tarfile would just stop."""
    with tar.open("rb") as file:
        start: int | None = 0
        while start is not None:
            file.seek(start)
            stop = start
            try:
                with tarfile.open(fileobj=file, mode="r:") as archive:
                    yield from archive
                    stop = archive.offset
            except (tarfile.TarError, EOFError, OSError):
                stop = file.tell() // BLOCK * BLOCK if file.tell() > stop else stop
            if _is_end(file, stop):
                return
            start = _next_header(file, stop)
            place = "the rest is lost" if start is None else f"reading goes on at byte {start}"
            ledger.add(Skip(f"{tar.name}@{stop}", "corrupt_shard", f"damaged at byte {stop}; {place}", str(tar)))


BLOCK = tarfile.BLOCKSIZE


def _is_end(file: BinaryIO, offset: int) -> bool:
    """Whether a tar's closing zeros begin at an offset; a file that just stops there was cut off."""
    file.seek(offset)
    block = file.read(BLOCK)
    return len(block) == BLOCK and not any(block)


def _next_header(file: BinaryIO, offset: int) -> int | None:
    """Return where the next whole header lies behind an offset, or ``None``."""
    file.seek(offset + BLOCK)
    while len(block := file.read(BLOCK)) == BLOCK:
        if block[257:262] == b"ustar":
            return file.tell() - BLOCK
    return None


def _entry(tar: Path, key: str, parts: dict[str, tarfile.TarInfo], ledger: Ledger) -> Entry | None:
    missing = {AUDIO_SUFFIX, RECORD_SUFFIX} - parts.keys()
    if missing:
        ledger.add(Skip(key, "missing_member", f"no .{' and no .'.join(sorted(missing))} member", str(tar)))
        return None
    audio, text = parts[AUDIO_SUFFIX], parts[RECORD_SUFFIX]
    try:
        record = UtteranceRecord.from_json(_read(tar, text.offset_data, text.size))
    except (RecordError, ShardError) as error:
        ledger.add(Skip(key, "bad_record", str(error), str(tar)))
        return None
    places = (audio.offset_data, audio.size, text.offset_data, text.size)
    vectors = parts.get(VECTORS_SUFFIX)
    behind = () if vectors is None else (vectors.offset_data, vectors.size)
    return Entry(key, *places, record.duration, record.emotion, *behind)


def _read(path: Path, offset: int, size: int) -> bytes:
    with path.open("rb") as file:
        file.seek(offset)
        data = file.read(size)
    if len(data) < size:
        raise ShardError(f"{path} ends at byte {offset + len(data)}, inside a member that ends at {offset + size}")
    return data


def _load_index(tar: Path) -> list[Entry] | None:
    """Return the entries of a tar's index, or ``None`` when there is no index that fits the tar.

    A tar shorter than its index says is truncated: its index still tells what is whole, so it is used.
    """
    path = index_path(tar)
    if not path.is_file():
        return None
    try:
        header, *rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        known = _Header(**header)
        if known.version != _VERSION or tar.stat().st_size > known.tar_bytes:
            return None
        return [Entry(**row) for row in rows]
    except (ValueError, TypeError):
        return None


class ShardIndex:
    """All utterances of one split of one shard folder, in file order."""

    def __init__(self, tars: list[Path], entries: list[tuple[int, Entry]]) -> None:
        """Hold the tars and, for each utterance, the number of its tar and its place."""
        self.tars = tars
        self.entries = entries
        self._positions = {entry.key: position for position, (_, entry) in enumerate(entries)}

    @classmethod
    def load(cls, folder: Path, split: str, ledger: Ledger | None = None) -> Self:
        """Index ``<folder>/<split>-*.tar``.

        Args:
            folder: A folder written by ``tools.make_shards``, or any folder of WebDataset tars with the same members.
            split: Which files to take.
            ledger: Where damaged shards and records are noted.

        Raises:
            ShardError: The folder does not exist or has no shard of that split.
        """
        if not folder.is_dir():
            raise ShardError(f"no shard folder {folder}; build it with: make shards CORPUS=<name> DATA=<folder>")
        tars = sorted(folder.glob(f"{split}-*.tar"))
        if not tars:
            there = sorted({path.name.rpartition("-")[0] for path in folder.glob("*-*.tar")})
            raise ShardError(f"{folder} holds no {split}-*.tar; splits there: {', '.join(there) or 'none'}")
        ledger = ledger if ledger is not None else Ledger()
        entries: list[tuple[int, Entry]] = []
        for number, tar in enumerate(tars):
            entries += [(number, entry) for entry in _whole_entries(tar, ledger)]
        return cls(tars, entries)

    def __len__(self) -> int:
        """Return the number of utterances."""
        return len(self.entries)

    @property
    def durations(self) -> list[float]:
        """Seconds of each utterance."""
        return [entry.duration for _, entry in self.entries]

    def position(self, key: str) -> int | None:
        """Return an utterance's position, or ``None`` if this split has no such key."""
        return self._positions.get(key)

    def source(self, position: int) -> str:
        """Return the tar that holds an utterance, for messages."""
        return str(self.tars[self.entries[position][0]])

    def read_audio(self, position: int) -> bytes:
        """Return the encoded FLAC member."""
        number, entry = self.entries[position]
        return _read(self.tars[number], entry.audio_offset, entry.audio_size)

    def read_record(self, position: int) -> UtteranceRecord:
        """Return the parsed JSON member.

        Raises:
            RecordError: The member is not a record.
        """
        number, entry = self.entries[position]
        return UtteranceRecord.from_json(_read(self.tars[number], entry.record_offset, entry.record_size))

    def peek(self, position: int) -> UtteranceRecord:
        """Return the record for planning; a damaged one without its texts, since reading it in earnest will say so."""
        try:
            return self.read_record(position)
        except (RecordError, ShardError, OSError):
            entry = self.entries[position][1]
            return UtteranceRecord(entry.key, "", "", "", "", entry.emotion, "", entry.duration)

    def read_vectors(self, position: int) -> NDArray[np.float16]:
        """Return the Emotion2Vec-S vectors ``[E, D]``.

        Raises:
            ShardError: The shard was built without vectors.
        """
        number, entry = self.entries[position]
        if entry.vectors_offset is None or entry.vectors_size is None:
            raise ShardError(f"{self.tars[number]} holds no vectors of {entry.key}; build it with --vectors")
        data = _read(self.tars[number], entry.vectors_offset, entry.vectors_size)
        return np.load(io.BytesIO(data), allow_pickle=False)  # type: ignore[no-any-return]

    def select(self, positions: list[int]) -> "ShardIndex":
        """Return an index of some of the utterances, in the given order."""
        return ShardIndex(self.tars, [self.entries[position] for position in positions])


def _whole_entries(tar: Path, ledger: Ledger) -> list[Entry]:
    entries = _load_index(tar)
    if entries is None:
        return scan_tar(tar, ledger)
    size = tar.stat().st_size
    whole = [entry for entry in entries if max(_ends(entry)) <= size]
    for entry in entries[len(whole) :]:
        ledger.add(Skip(entry.key, "truncated_shard", f"lies beyond the end of the shard at byte {size}", str(tar)))
    return whole


def _ends(entry: Entry) -> tuple[int, ...]:
    vectors = (entry.vectors_offset or 0) + (entry.vectors_size or 0)
    return entry.audio_offset + entry.audio_size, entry.record_offset + entry.record_size, vectors
