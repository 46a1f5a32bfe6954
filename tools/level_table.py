"""Whose mean and standard deviation set an utterance's levels: its corpus' (the paper), speaker's or language's."""

from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from typing import Literal, Self, get_args

from c2ser_lightning.data.record import Levels, UtteranceRecord
from tools.levels import LevelStatistics, Moments

LevelUnit = Literal["corpus", "speaker", "language"]
LEVEL_UNITS: tuple[LevelUnit, ...] = get_args(LevelUnit)

FEWEST_VALUES = 20
"""A standard deviation of fewer values is off by more than 16 %, one in three times."""

Groups = dict[str, LevelStatistics]


@dataclass(slots=True)
class LevelTable:
    """Statistics of a training split, collected in one pass; tables of its parts merge.

    An utterance's levels are set by the statistics of its group. Where the group has fewer than ``fewest`` values of an
    attribute, or was never met in training, those of its corpus serve, and after them those of all utterances.

    Attributes:
        by: What a group is.
        fewest: Values that a group or corpus needs.
        overall: Over all utterances.
        corpora: By corpus.
        groups: By speaker or language; empty when groups are corpora.
    """

    by: LevelUnit = "corpus"
    fewest: int = FEWEST_VALUES
    overall: LevelStatistics = field(default_factory=LevelStatistics)
    corpora: Groups = field(default_factory=dict)
    groups: Groups = field(default_factory=dict)

    def alike(self) -> "LevelTable":
        """Return an empty table of the same grouping."""
        return LevelTable(self.by, self.fewest)

    def add(self, record: UtteranceRecord) -> None:
        """Count one utterance."""
        self.overall = self.overall.add(record.attributes)
        self.corpora[record.corpus] = self.corpora.get(record.corpus, LevelStatistics()).add(record.attributes)
        if self.by != "corpus":
            name = self.group_of(record)
            self.groups[name] = self.groups.get(name, LevelStatistics()).add(record.attributes)

    def add_all(self, records: Iterable[UtteranceRecord]) -> Self:
        """Count many utterances and return this table."""
        for record in records:
            self.add(record)
        return self

    def merge(self, other: "LevelTable") -> "LevelTable":
        """Return a table of both sets of utterances together.

        Raises:
            ValueError: The tables group differently.
        """
        merged = LevelTable(self.by, self.fewest, self.overall, dict(self.corpora), dict(self.groups))
        return merged.absorb(self._alike(other))

    def absorb(self, other: "LevelTable") -> Self:
        """Count what another table of the same grouping counted; costs as much as the other has groups."""
        self.overall = self.overall.merge(self._alike(other).overall)
        for own, new in ((self.corpora, other.corpora), (self.groups, other.groups)):
            for name, part in new.items():
                own[name] = own.get(name, LevelStatistics()).merge(part)
        return self

    def _alike(self, other: "LevelTable") -> "LevelTable":
        if (self.by, self.fewest) != (other.by, other.fewest):
            raise ValueError(f"tables by {self.by} ({self.fewest}) and by {other.by} ({other.fewest}) do not merge")
        return other

    def rounded(self) -> "LevelTable":
        """Return the table as it is written down and read again, names in order."""
        corpora, groups = (
            {name: part[name].rounded() for name in sorted(part)} for part in (self.corpora, self.groups)
        )
        return LevelTable(self.by, self.fewest, self.overall.rounded(), corpora, groups)

    def group_of(self, record: UtteranceRecord) -> str:
        """Return the name of an utterance's group; a speaker's holds the corpus', since ids are unique only there."""
        if self.by == "speaker":
            return f"{record.corpus}/{record.speaker}"
        return record.language if self.by == "language" else record.corpus

    def levels(self, record: UtteranceRecord) -> tuple[Levels, bool]:
        """Return the levels of an utterance, and whether any of them is not by its own group."""
        own = (self.corpora if self.by == "corpus" else self.groups).get(self.group_of(record), LevelStatistics())
        chain = (own, self.corpora.get(record.corpus, LevelStatistics()), self.overall)
        chosen = LevelStatistics(
            *(self._enough([getattr(part, name.name) for part in chain]) for name in fields(LevelStatistics))
        )
        fell_back = any(
            getattr(record.attributes, name.name) is not None and getattr(own, name.name).count < self.fewest
            for name in fields(LevelStatistics)
        )
        return chosen.levels(record.attributes), fell_back

    def _enough(self, chain: list[Moments]) -> Moments:
        return next((moments for moments in chain[:-1] if moments.count >= self.fewest), chain[-1])
