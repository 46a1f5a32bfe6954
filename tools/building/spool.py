"""Finished records on their way into shards: one file a shard, filled in the corpus' order, sorted in the end."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from c2ser_lightning.data.record import UtteranceRecord
from tools.building.describing import Size
from tools.building.measuring import Clip
from tools.building.work_folder import WorkFolder

LINES_AT_ONCE = 4096
"""Lines held until they are appended to their files."""

BYTES_BESIDE_SOUND = 3072
"""Of an utterance in a tar: two headers, padding, and a record of about 1.5 KB."""


@dataclass(frozen=True, slots=True)
class ShardSize:
    """How large shards should be; each is so on average.

    Attributes:
        megabytes: Millions of bytes.
        utterances: Number of utterances; no matter when ``None``.
    """

    megabytes: float = 1000.0
    utterances: int | None = None

    def shards(self, size: Size) -> int:
        """Return into how many shards so much is packed."""
        by_bytes = (size.sound_bytes + BYTES_BESIDE_SOUND * size.utterances) / (self.megabytes * 1e6)
        by_number = size.utterances / self.utterances if self.utterances else 0.0
        return max(1, -int(-max(by_bytes, by_number) // 1))


@dataclass(frozen=True, slots=True)
class SpoolLine:
    """One utterance.

    Attributes:
        order: Hash of its key: its place in the shuffled order.
        unit: Key of the unit whose sound it is in.
        place: Which of the unit's usable utterances it is.
        clip: Its FLAC.
        record: Its JSON.
    """

    order: str
    unit: str
    place: int
    clip: Clip
    record: str

    def written(self) -> str:
        """Return a line; JSON holds no tab."""
        clip = self.clip
        return f"{self.order}\t{self.unit}\t{self.place}\t{clip.offset}\t{clip.size}\t{clip.sha256}\t{self.record}\n"

    @classmethod
    def read(cls, line: str) -> "SpoolLine":
        """Read what :meth:`written` wrote."""
        order, unit, place, offset, size, sha256, record = line.rstrip("\n").split("\t")
        return cls(order, unit, int(place), Clip(int(offset), int(size), sha256), record)


class Spool:
    """Sends every utterance to its shard by the hash of its key.

    So the order is shuffled, a changed label or transcript changes one shard, and so does one more utterance as long as
    the number of shards stays. The price is that shards are of equal size only on average.
    """

    def __init__(self, work: WorkFolder, numbers: Mapping[str, int]) -> None:
        """Fill the given number of shards of each split."""
        self._work = work
        self._numbers = numbers
        self._held: dict[str, list[str]] = {}
        self._lines = 0
        self.counts: dict[str, int] = {}

    def add(self, record: UtteranceRecord, unit: str, place: int, clip: Clip) -> None:
        """Send an utterance to its shard."""
        order = hashlib.sha256(record.key.encode()).hexdigest()
        number = int(order[:16], 16) * self._numbers[record.split] >> 64
        shard = f"{record.split}-{number:06d}"
        self._held.setdefault(shard, []).append(SpoolLine(order, unit, place, clip, record.to_json()).written())
        self.counts[shard] = self.counts.get(shard, 0) + 1
        self._lines += 1
        if self._lines >= LINES_AT_ONCE:
            self.flush()

    def flush(self) -> None:
        """Append what is held to the files."""
        for shard, lines in self._held.items():
            with self._work.spool(shard).open("a", encoding="utf-8", newline="\n") as file:
                file.writelines(lines)
        self._held, self._lines = {}, 0


def sorted_lines(path: Path) -> Iterator[SpoolLine]:
    """Yield a shard's utterances in the order in which they are packed."""
    with path.open(encoding="utf-8", newline="\n") as file:
        lines = sorted(file)
    return map(SpoolLine.read, lines)
