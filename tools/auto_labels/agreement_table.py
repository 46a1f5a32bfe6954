"""Speech labels against text labels: counts, and Cohen's kappa."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from c2ser_lightning.emotions import EMOTIONS

NONE = "none"
"""Row and column of utterances without a label from one side."""


@dataclass(slots=True)
class AgreementTable:
    """Counts of pairs of speech label and text label; ``None`` stands for no label."""

    counts: Counter[tuple[str | None, str | None]] = field(default_factory=Counter)

    def add(self, speech: str | None, text: str | None) -> None:
        """Count one utterance."""
        self.counts[speech, text] += 1

    @property
    def kappa(self) -> float | None:
        """Cohen's kappa (1960) over the utterances that both sides labelled; ``None`` where it is undefined."""
        return cohens_kappa({(a, b): n for (a, b), n in self.counts.items() if a is not None and b is not None})

    def lines(self) -> list[str]:
        """Return the table for a person: a row per speech label, a column per text label."""
        names: list[str | None] = [*EMOTIONS, None]
        cells = [[self.counts[row, column] for column in names] for row in names]
        head = ["speech \\ text", *(name or NONE for name in names), "all"]
        body = [[name or NONE, *map(str, row), str(sum(row))] for name, row in zip(names, cells, strict=True)]
        foot = ["all", *(str(sum(column)) for column in zip(*cells, strict=True)), str(self.counts.total())]
        rows = [head, *body, foot]
        widths = [max(len(row[place]) for row in rows) for place in range(len(head))]
        lines = [
            "  ".join([row[0].ljust(widths[0]), *(c.rjust(w) for c, w in zip(row[1:], widths[1:], strict=True))])
            for row in rows
        ]
        return [*lines, self._closing()]

    def _closing(self) -> str:
        both = [n for (a, b), n in self.counts.items() if a and b]
        same = sum(n for (a, b), n in self.counts.items() if a and a == b)
        kappa = "undefined" if self.kappa is None else f"{self.kappa:.3f}"
        share = f"{same / sum(both):.1%}" if both else "none"
        return f"both labelled {sum(both)}, the same label on {same} ({share}); Cohen's kappa {kappa}"

    def summary(self) -> dict[str, object]:
        """Return the table for a JSON file."""
        rows: dict[str, dict[str, int]] = {}
        for (speech, text), count in sorted(self.counts.items(), key=str):
            rows.setdefault(speech or NONE, {})[text or NONE] = count
        return {"speech_by_text": rows, "cohens_kappa": self.kappa}


def cohens_kappa(pairs: Mapping[tuple[str, str], int]) -> float | None:
    """Return Cohen's kappa of two raters; ``None`` without pairs, or when both always say one and the same.

    Args:
        pairs: How often the first rater said the one and the second the other.
    """
    total = sum(pairs.values())
    first: Counter[str] = Counter()
    second: Counter[str] = Counter()
    for (one, other), count in pairs.items():
        first[one] += count
        second[other] += count
    expected = sum(first[name] * second[name] for name in first)
    if not total or expected == total * total:
        return None
    observed = sum(count for (one, other), count in pairs.items() if one == other)
    return (observed * total - expected) / (total * total - expected)
