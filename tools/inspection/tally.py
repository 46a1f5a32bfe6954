"""Counts that every table of the page is made of: one cell a split, language, speaker and emotion."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from c2ser_lightning.data.record import LEVELS, UtteranceRecord
from tools.inspection.examples import LABELS, UNLABELLED
from tools.inspection.record_check import LEVEL_OF

UNKNOWN = "unknown"
LEVEL_NAMES = (*LEVELS, UNKNOWN)


@dataclass(frozen=True, slots=True)
class Cell:
    """What the utterances of one cell share."""

    split: str
    language: str
    corpus: str
    speaker: str
    emotion: str


@dataclass(slots=True)
class Part:
    """The utterances of a split, a language, a speaker... in numbers."""

    utterances: int = 0
    seconds: float = 0.0
    emotions: Counter[str] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)
    splits: Counter[str] = field(default_factory=Counter)
    speakers: set[tuple[str, str]] = field(default_factory=set)

    @property
    def hours(self) -> float:
        """Length of all."""
        return self.seconds / 3600

    @property
    def speaker_names(self) -> set[str]:
        """Speakers without their corpus, as ``info.json`` lists them."""
        return {speaker for _, speaker in self.speakers}

    def add(self, cell: Cell, utterances: int, seconds: float) -> None:
        """Add one cell."""
        self.utterances += utterances
        self.seconds += seconds
        self.emotions[cell.emotion] += utterances
        self.languages[cell.language] += utterances
        self.splits[cell.split] += utterances
        self.speakers.add((cell.corpus, cell.speaker))


class Tally:
    """Counts utterances in as much memory as there are speakers, whatever the number of utterances."""

    def __init__(self) -> None:
        """Start empty."""
        self._utterances: Counter[Cell] = Counter()
        self._seconds: Counter[Cell] = Counter()
        self._levels: Counter[tuple[str, str, str]] = Counter()

    def add(self, record: UtteranceRecord) -> None:
        """Count one utterance."""
        emotion = record.emotion or UNLABELLED
        cell = Cell(record.split, record.language, record.corpus, record.speaker, emotion)
        self._utterances[cell] += 1
        self._seconds[cell] += record.duration  # type: ignore[assignment]
        for level in LEVEL_OF.values():
            self._levels[level, emotion, getattr(record.levels, level) or UNKNOWN] += 1

    def by(self, *names: str) -> dict[tuple[str, ...], Part]:
        """Group by some of a cell's fields, most utterances first."""
        parts: dict[tuple[str, ...], Part] = {}
        for cell, count in self._utterances.items():
            group = tuple(getattr(cell, name) for name in names)
            parts.setdefault(group, Part()).add(cell, count, self._seconds[cell])
        return dict(sorted(parts.items(), key=lambda item: (-item[1].utterances, item[0])))

    def split(self, name: str) -> Part:
        """Return one split; an unknown one is empty."""
        return self.by("split").get((name,), Part())

    def total(self) -> Part:
        """Return everything."""
        return self.by().get((), Part())

    def emotions(self) -> list[str]:
        """Return the labels that occur, in their order."""
        present = self.total().emotions
        return [label for label in LABELS if present[label]]

    def levels(self, level: str, emotions: Iterable[str]) -> dict[str, int]:
        """Return how many utterances of some emotions are low, medium, high and unknown."""
        wanted = list(emotions)
        return {name: sum(self._levels[level, emotion, name] for emotion in wanted) for name in LEVEL_NAMES}
