"""Histograms of attributes, counted in one pass into bins that are set beforehand."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from c2ser_lightning.data.record import Attributes
from tools.levels import LevelStatistics


@dataclass(frozen=True, slots=True)
class Axis:
    """Range and bins of one attribute; values beyond the range are counted at its ends."""

    title: str
    unit: str
    low: float
    high: float
    width: float

    @property
    def bins(self) -> int:
        """How many."""
        return round((self.high - self.low) / self.width)

    def bin_of(self, value: float) -> int:
        """Return the number of a value's bin."""
        return min(self.bins - 1, max(0, int((value - self.low) // self.width)))


AXES: Mapping[str, Axis] = MappingProxyType(
    {
        "pitch_hz": Axis("pitch", "Hz", 40, 640, 10),
        "loudness_lufs": Axis("loudness", "LUFS", -70, 0, 1),
        "speaking_rate": Axis("speaking rate", "phonemes per second", 0, 40, 0.5),
    }
)


@dataclass(frozen=True, slots=True)
class Bar:
    """One bin: its edges, its count, and its height as a share of the highest."""

    low: float
    high: float
    count: int
    height: float


@dataclass(slots=True)
class Histogram:
    """One attribute.

    Attributes:
        axis: Range and bins.
        counts: Utterances in each bin.
    """

    axis: Axis
    counts: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Start empty."""
        self.counts = self.counts or [0] * self.axis.bins

    def bars(self, thresholds: tuple[float, float] | None = None) -> list[Bar]:
        """Return the bins from the first to the last that holds something or that a threshold falls in."""
        shown = [number for number, count in enumerate(self.counts) if count]
        shown += [self.axis.bin_of(threshold) for threshold in thresholds or ()]
        highest = max(1, *self.counts)
        low, width = self.axis.low, self.axis.width
        return [
            Bar(low + number * width, low + (number + 1) * width, self.counts[number], self.counts[number] / highest)
            for number in range(min(shown, default=0), max(shown, default=-1) + 1)
        ]


class Histograms:
    """The attributes that have levels."""

    def __init__(self) -> None:
        """Start empty."""
        self.of = {name: Histogram(axis) for name, axis in AXES.items()}

    def add(self, attributes: Attributes) -> None:
        """Count one utterance; undefined values are passed over."""
        for name, histogram in self.of.items():
            value = getattr(attributes, name)
            if value is not None:
                histogram.counts[histogram.axis.bin_of(value)] += 1


def thresholds(statistics: LevelStatistics, name: str) -> tuple[float, float] | None:
    """Return below what an attribute is low and above what it is high; nothing without values."""
    moments = getattr(statistics, name)
    return (moments.mean - moments.sd, moments.mean + moments.sd) if moments.count else None
