"""From measured values to low, medium and high, by mean +- one standard deviation (paper III-C, step 2)."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from c2ser_lightning.data.record import Attributes, Level, Levels

DECIMALS = 6
"""Of a mean and a standard deviation that are written down; differences of summation order vanish in the rounding."""


@dataclass(frozen=True, slots=True)
class Moments:
    """Count, mean and sum of squared deviations (Welford); partial results merge exactly."""

    count: int = 0
    mean: float = 0.0
    deviations: float = 0.0

    @classmethod
    def of(cls, count: int, mean: float, sd: float) -> Self:
        """Return the moments that were written down as count, mean and standard deviation."""
        return cls(count, mean, sd * sd * count)

    def rounded(self) -> Self:
        """Return the moments as they are written down, so that levels are the same before and after."""
        return self.of(self.count, round(self.mean, DECIMALS), round(self.sd, DECIMALS))

    def add(self, value: float) -> Self:
        """Return the moments with one more value."""
        count = self.count + 1
        delta = value - self.mean
        mean = self.mean + delta / count
        return type(self)(count, mean, self.deviations + delta * (value - mean))

    def merge(self, other: Self) -> Self:
        """Return the moments of both sets of values together (Chan et al. 1979)."""
        count = self.count + other.count
        if count == 0:
            return self
        delta = other.mean - self.mean
        mean = self.mean + delta * other.count / count
        deviations = self.deviations + other.deviations + delta**2 * self.count * other.count / count
        return type(self)(count, mean, deviations)

    @property
    def sd(self) -> float:
        """Standard deviation of the population."""
        return math.sqrt(self.deviations / self.count) if self.count else 0.0

    def level(self, value: float | None) -> Level | None:
        """Return low below mean - sd, high above mean + sd, else medium; ``None`` for a value that is not defined."""
        if value is None or self.count == 0:
            return None
        if value < self.mean - self.sd:
            return "low"
        return "high" if value > self.mean + self.sd else "medium"


@dataclass(frozen=True, slots=True)
class LevelStatistics:
    """Moments of the three attributes over a training split."""

    pitch_hz: Moments = Moments()
    loudness_lufs: Moments = Moments()
    speaking_rate: Moments = Moments()

    @classmethod
    def of(cls, measured: Iterable[Attributes]) -> Self:
        """Collect the statistics in one pass; undefined values are passed over."""
        statistics = cls()
        for attributes in measured:
            statistics = statistics.add(attributes)
        return statistics

    def add(self, attributes: Attributes) -> Self:
        """Return the statistics with one more utterance; undefined values are passed over."""
        return type(self)(
            _added(self.pitch_hz, attributes.pitch_hz),
            _added(self.loudness_lufs, attributes.loudness_lufs),
            _added(self.speaking_rate, attributes.speaking_rate),
        )

    def merge(self, other: Self) -> Self:
        """Return the statistics of both sets of utterances together."""
        return type(self)(
            self.pitch_hz.merge(other.pitch_hz),
            self.loudness_lufs.merge(other.loudness_lufs),
            self.speaking_rate.merge(other.speaking_rate),
        )

    def rounded(self) -> Self:
        """Return the statistics as they are written down."""
        return type(self)(self.pitch_hz.rounded(), self.loudness_lufs.rounded(), self.speaking_rate.rounded())

    def levels(self, attributes: Attributes) -> Levels:
        """Return the three levels of one utterance."""
        return Levels(
            pitch=self.pitch_hz.level(attributes.pitch_hz),
            loudness=self.loudness_lufs.level(attributes.loudness_lufs),
            rate=self.speaking_rate.level(attributes.speaking_rate),
        )


def _added(moments: Moments, value: float | None) -> Moments:
    return moments if value is None else moments.add(value)
