"""One progress bar a stage, and what the stages took."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tqdm import tqdm


@dataclass(slots=True)
class Stage:
    """A stage in numbers.

    Attributes:
        name: Its name.
        unit: What it counts: utterances, or shards.
        done: How many it did.
        known: How many an earlier run had done.
        seconds: How long it took.
        processor_seconds: What this process itself computed for it.
    """

    name: str
    unit: str
    done: int = 0
    known: int = 0
    seconds: float = 0.0
    processor_seconds: float = 0.0

    def line(self) -> str:
        """Return a line for people."""
        rate = f"{self.done / self.seconds:9.1f} {self.unit}/s" if self.seconds and self.done else ""
        known = f", {self.known} known from an earlier run" if self.known else ""
        return f"  {self.name:<9}{self.seconds:9.1f} s {self.done:>8} {self.unit:<6}{rate}{known}"


class Stages:
    """The stages of a build, in order."""

    def __init__(self) -> None:
        """Start without any."""
        self.all: list[Stage] = []

    @contextmanager
    def timed(self, name: str, unit: str = "utt") -> Iterator[Stage]:
        """Time a stage that shows its progress itself."""
        stage = Stage(name, unit)
        self.all.append(stage)
        start, computed = time.monotonic(), time.process_time()
        try:
            yield stage
        finally:
            stage.seconds = time.monotonic() - start
            stage.processor_seconds = time.process_time() - computed

    @contextmanager
    def shown(self, name: str, title: str, *, total: int | None = None, unit: str = "utt") -> Iterator["Bar"]:
        """Time a stage and show its progress, with rate and time to go."""
        with self.timed(name, unit) as stage, tqdm(total=total, desc=title, unit=unit) as bar:
            yield Bar(stage, bar)

    def lines(self) -> list[str]:
        """Return a table for people."""
        return [stage.line() for stage in self.all]


class Bar:
    """Counts for a stage and its bar."""

    def __init__(self, stage: Stage, bar: "tqdm[None]") -> None:
        """Count for both."""
        self._stage = stage
        self._bar = bar

    def skip(self, count: int) -> None:
        """Count what was known: it moves the bar, not the rate."""
        self._stage.known += count
        self._bar.initial += count
        self._bar.update(count)

    def advance(self, count: int) -> None:
        """Count what was done."""
        self._stage.done += count
        self._bar.update(count)

    def show(self, **figures: int) -> None:
        """Show figures beside the bar."""
        self._bar.set_postfix(**figures)
