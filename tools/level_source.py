"""Where levels come from: the training split at hand, or the shards that a model was trained on."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from c2ser_lightning.data.record import UtteranceRecord
from tools.level_table import LEVEL_UNITS, Groups, LevelTable, LevelUnit
from tools.levels import LevelStatistics, Moments

INFO_FILE = "info.json"
TRAINING_SPLIT = "training split"
ALL_SPLITS = "all utterances, since none is for training"


class LevelsError(ValueError):
    """The statistics of a shard folder cannot be used; the message says which folder and why."""


@dataclass(frozen=True, slots=True)
class LevelSource:
    """A table and where it comes from, as ``info.json`` says it.

    Attributes:
        table: The statistics.
        source: Of which utterances they are.
        fallbacks: How many utterances of each group have a level that the group's own statistics do not set.
    """

    table: LevelTable
    source: str = TRAINING_SPLIT
    fallbacks: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, records: Sequence[UtteranceRecord], by: LevelUnit, fewest: int) -> "LevelSource":
        """Collect the statistics of the training split; a corpus that is only tested brings its own."""
        training, others = LevelTable(by, fewest), LevelTable(by, fewest)
        for record in records:
            (training if record.split == "train" else others).add(record)
        return cls.collected(training, others, has_training=any(record.split == "train" for record in records))

    @classmethod
    def collected(cls, training: LevelTable, others: LevelTable, *, has_training: bool) -> "LevelSource":
        """Return the statistics of the training split, or of the other utterances where none is for training."""
        if has_training:
            return cls(training.rounded(), TRAINING_SPLIT)
        return cls(others.rounded(), ALL_SPLITS)

    @classmethod
    def read(cls, folder: Path) -> "LevelSource":
        """Read the statistics of a shard folder.

        Raises:
            LevelsError: The folder has no ``info.json``, or that holds no statistics.
        """
        path = folder / INFO_FILE
        try:
            table = _table(json.loads(path.read_text(encoding="utf-8")))
        except FileNotFoundError as error:
            raise LevelsError(f"no {path}; give a folder that tools.make_shards wrote") from error
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise LevelsError(f"{path} holds no statistics of levels ({type(error).__name__}: {error})") from error
        return cls(table, f"{TRAINING_SPLIT} of {folder.resolve().name}")

    def levelled(self, records: Iterable[UtteranceRecord]) -> tuple[list[UtteranceRecord], "LevelSource"]:
        """Return the records with their levels, and this source with its fallbacks counted."""
        leveller = Leveller(self)
        return [leveller.levelled(record) for record in records], leveller.counted()

    def written(self) -> dict[str, object]:
        """Return what ``info.json`` says under ``levels``."""
        return {
            "by": self.table.by,
            "fewest": self.table.fewest,
            "source": self.source,
            "corpora": {name: written(part) for name, part in self.table.corpora.items()},
            "groups": {name: written(part) for name, part in self.table.groups.items()},
            "fallbacks": dict(self.fallbacks),
        }

    def closing_line(self) -> str:
        """Say in one line whose statistics set the levels, and how many utterances' own group could not."""
        line = f"levels: mean +- sd per {self.table.by}, of {self.source}"
        if not self.fallbacks:
            return line
        count = sum(self.fallbacks.values())
        return (
            f"{line}; {count} utterances of {len(self.fallbacks)} {self.table.by} groups with fewer than "
            f"{self.table.fewest} values there have the levels of the corpus or of all"
        )


class Leveller:
    """Sets the levels of one utterance after the other, and counts those whose own group could not."""

    def __init__(self, source: LevelSource) -> None:
        """Set levels by these statistics."""
        self.source = source
        self._fallbacks = Counter[str]()

    def levelled(self, record: UtteranceRecord) -> UtteranceRecord:
        """Return the record with its levels."""
        levels, fell_back = self.source.table.levels(record)
        if fell_back:
            self._fallbacks[self.source.table.group_of(record)] += 1
        return replace(record, levels=levels)

    def counted(self) -> LevelSource:
        """Return the source with its fallbacks counted so far."""
        return replace(self.source, fallbacks=dict(sorted(self._fallbacks.items())))


def written(statistics: LevelStatistics) -> dict[str, dict[str, float]]:
    """Return statistics as ``info.json`` says them: count, mean and sd of each attribute."""
    moments = ((name.name, getattr(statistics.rounded(), name.name)) for name in fields(LevelStatistics))
    return {name: {"count": one.count, "mean": one.mean, "sd": round(one.sd, 6)} for name, one in moments}


def _table(info: Mapping[str, Any]) -> LevelTable:
    """Read a table; folders of older versions have statistics over all utterances only."""
    overall = _statistics(info["statistics"])
    levels = info.get("levels", {})
    by = levels.get("by", "corpus")
    if by not in LEVEL_UNITS:
        raise ValueError(f"levels by {by!r}, none of {', '.join(LEVEL_UNITS)}")
    fewest = int(levels.get("fewest", LevelTable().fewest))
    return LevelTable(by, fewest, overall, _groups(levels.get("corpora", {})), _groups(levels.get("groups", {})))


def _groups(part: Mapping[str, Any]) -> Groups:
    return {name: _statistics(statistics) for name, statistics in part.items()}


def _statistics(part: Mapping[str, Any]) -> LevelStatistics:
    return LevelStatistics(**{name.name: _moments(part[name.name]) for name in fields(LevelStatistics)})


def _moments(part: Mapping[str, Any]) -> Moments:
    return Moments.of(int(part["count"]), float(part["mean"]), float(part["sd"]))
