"""The ledger: every utterance that was left out, by name, with the reason. Nothing is dropped silently."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path


class StrictModeError(RuntimeError):
    """An input was unusable and the run was asked to stop at the first such input."""


@dataclass(frozen=True, slots=True)
class Skip:
    """One input that was left out.

    Attributes:
        key: The utterance key, file or shard that was left out.
        reason: Short stable category for counting, such as ``too_short``.
        detail: What exactly was wrong.
        source: The file it was read from (shard, manifest with row number, folder).
    """

    key: str
    reason: str
    detail: str = ""
    source: str = ""


class Ledger:
    """Collects skips, counts them by reason and writes them as JSON lines."""

    def __init__(self, *, strict: bool = False) -> None:
        """Start empty; with ``strict`` the first skip raises :class:`StrictModeError` instead."""
        self.strict = strict
        self._skips: dict[tuple[str, str, str], Skip] = {}

    def add(self, skip: Skip) -> None:
        """Record one skip; the same key, reason and source count once however often they are met."""
        if self.strict:
            raise StrictModeError(f"{skip.source}: {skip.key}: {skip.reason}: {skip.detail}")
        self._skips.setdefault((skip.key, skip.reason, skip.source), skip)

    def extend(self, skips: Iterable[Skip]) -> None:
        """Record several skips."""
        for skip in skips:
            self.add(skip)

    def __len__(self) -> int:
        """Return the number of distinct skips."""
        return len(self._skips)

    @property
    def skips(self) -> list[Skip]:
        """All skips, in the order met."""
        return list(self._skips.values())

    def counts(self) -> dict[str, int]:
        """Return how many skips each reason has, most frequent first."""
        return dict(Counter(skip.reason for skip in self._skips.values()).most_common())

    def summary(self) -> str:
        """Return one line for people: the total and the count of each reason."""
        return summary_of(self.counts())

    def write(self, path: Path) -> None:
        """Write one JSON object a line to ``path``, replacing it; an empty ledger writes an empty file."""
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = (json.dumps(asdict(skip), ensure_ascii=False) + "\n" for skip in self._skips.values())
        path.write_text("".join(lines), encoding="utf-8")


def summary_of(counts: Mapping[str, int]) -> str:
    """Return one line for people: the total and the count of each reason."""
    if not counts:
        return "nothing was left out"
    reasons = ", ".join(f"{count} {reason}" for reason, count in counts.items())
    return f"{sum(counts.values())} left out ({reasons})"
