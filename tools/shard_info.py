"""``info.json``: what a shard folder holds, how its levels were set, and the checksums to prove it."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

from c2ser_lightning.data.atomic_file import write_atomically
from c2ser_lightning.data.record import UtteranceRecord
from c2ser_lightning.emotions import EMOTIONS
from c2ser_lightning.version import __version__
from tools.level_source import INFO_FILE, LevelSource, written
from tools.levels import LevelStatistics
from tools.shard_writer import ShardInfo


@dataclass(frozen=True, slots=True)
class SplitInfo:
    """One split in numbers."""

    utterances: int
    hours: float
    emotions: dict[str, int]
    speakers: list[str]
    languages: dict[str, int]
    shards: list[ShardInfo]

    @classmethod
    def of(cls, records: Iterable[UtteranceRecord], shards: list[ShardInfo]) -> "SplitInfo":
        """Count the records of a split."""
        counts = SplitCounts()
        for record in records:
            counts.add(record)
        return counts.info(shards)


@dataclass(slots=True)
class SplitCounts:
    """Counts a split's utterances one by one; remembers its speakers, not its utterances."""

    utterances: int = 0
    seconds: float = 0.0
    emotions: Counter[str] = field(default_factory=Counter)
    speakers: set[str] = field(default_factory=set)
    languages: Counter[str] = field(default_factory=Counter)

    def add(self, record: UtteranceRecord) -> None:
        """Count one utterance."""
        self.utterances += 1
        self.seconds += record.duration
        self.emotions[record.emotion or "unlabelled"] += 1
        self.speakers.add(record.speaker)
        self.languages[record.language] += 1

    def info(self, shards: list[ShardInfo]) -> SplitInfo:
        """Return the counts with the shards that hold the split."""
        return SplitInfo(
            utterances=self.utterances,
            hours=round(self.seconds / 3600, 4),
            emotions={name: self.emotions[name] for name in (*EMOTIONS, "unlabelled") if self.emotions[name]},
            speakers=sorted(self.speakers),
            languages=dict(sorted(self.languages.items())),
            shards=shards,
        )


def missing_values(record: UtteranceRecord) -> list[str]:
    """Return the attributes with levels that have no value."""
    return [name.name for name in fields(LevelStatistics) if getattr(record.attributes, name.name) is None]


def unmeasured(records: Iterable[UtteranceRecord]) -> dict[str, int]:
    """Count the utterances for which each attribute with levels has no value; attributes that all have are left out."""
    return dict(sorted(Counter(name for record in records for name in missing_values(record)).items()))


@dataclass(frozen=True, slots=True)
class FolderInfo:
    """Everything ``info.json`` says.

    Attributes:
        name: Name of the corpus as built here.
        synthetic: Whether the speech is synthetic.
        settings: How utterances were measured.
        levels: Statistics that set the levels: count, mean and sd of each attribute, and of which utterances.
        splits: The splits in numbers.
        unmeasured: How many utterances have no value of an attribute, by attribute.
        left_out: How many inputs the ledger names, by reason.
        teacher: Who wrote the texts, and how many were accepted, retried and left to the template.
        vectors: Which encoder's vectors stand beside the sound, and their shape; empty when there are none.
        labels: The label set; a class id is a place in it.
        version: Version of this project.
    """

    name: str
    synthetic: bool
    settings: Mapping[str, object]
    levels: LevelSource
    splits: dict[str, SplitInfo]
    unmeasured: dict[str, int]
    left_out: dict[str, int]
    teacher: Mapping[str, object] = field(default_factory=dict)
    vectors: Mapping[str, object] = field(default_factory=dict)
    labels: tuple[str, ...] = EMOTIONS
    version: str = __version__

    def write(self, folder: Path) -> None:
        """Write ``info.json``."""
        content = {name.name: getattr(self, name.name) for name in fields(self)}
        content["statistics"] = written(self.levels.table.overall)
        content["levels"] = self.levels.written()
        content["splits"] = {name: asdict(split) for name, split in self.splits.items()}
        write_atomically(folder / INFO_FILE, json.dumps(content, ensure_ascii=False, indent=1) + "\n")

    def table(self) -> str:
        """Return a table of splits for the terminal."""
        present = [name for name in (*EMOTIONS, "unlabelled") if any(name in s.emotions for s in self.splits.values())]
        head = f"{'split':<6} {'utts':>7} {'hours':>8} {'speakers':>9} " + " ".join(
            f"{name[:10]:>10}" for name in present
        )
        lines = [head, "-" * len(head)]
        for split, info in self.splits.items():
            counts = " ".join(f"{info.emotions.get(name, 0):>10}" for name in present)
            lines.append(f"{split:<6} {info.utterances:>7} {info.hours:>8.3f} {len(info.speakers):>9} {counts}")
        return "\n".join(lines)
