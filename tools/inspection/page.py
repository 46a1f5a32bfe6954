"""The page: what was found, counted and heard, in one file that fetches nothing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from c2ser_lightning.report.environment import page_environment
from tools.corpora.base import SPLITS
from tools.inspection.histogram import Bar, thresholds
from tools.inspection.inspection import Inspection
from tools.inspection.record_check import LEVEL_OF
from tools.inspection.tally import LEVEL_NAMES, Part, Tally

SPEAKER_ROWS = 60
"""Speakers with a row of their own; a corpus may have thousands."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table of counts."""

    name: str
    part: Part
    more: int = 0


@dataclass(frozen=True, slots=True)
class AttributePanel:
    """One attribute: its histogram, and the shares of low, medium, high and unknown for all and for each emotion."""

    title: str
    unit: str
    bars: list[Bar]
    thresholds: tuple[float, float] | None
    places: tuple[float, float] | None
    shares: dict[str, dict[str, float]]
    counts: dict[str, int]


def write_page(inspection: Inspection, path: Path) -> None:
    """Write the page, folders included."""
    tally, stored = inspection.tally, inspection.stored
    page = page_environment(Path(__file__).parent).get_template("page.html")
    text = page.render(
        stored=stored,
        total=tally.total(),
        errors=inspection.findings.of("error"),
        warnings=inspection.findings.of("warning"),
        emotions=tally.emotions(),
        tables=tables(tally),
        speakers=speaker_rows(tally),
        panels=[panel(inspection, name) for name in LEVEL_OF],
        level_names=LEVEL_NAMES,
        examples=inspection.examples.chosen(),
        languages=sorted(tally.total().languages),
        splits=sorted(tally.total().splits),
        shards=len(inspection.tars),
        bytes=sum(tar.stat().st_size for tar in inspection.tars),
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    # A surrogate from a broken key cannot be encoded; it must not cost the page.
    path.write_text(text, encoding="utf-8", errors="replace")


def tables(tally: Tally) -> dict[str, list[Row]]:
    """Return the tables of counts by their titles; languages are told apart by split."""
    by_split = sorted(_named(tally, "split"), key=lambda row: SPLITS.index(row.name) if row.name in SPLITS else 9)
    made = {"split": [*by_split, Row("all", tally.total())], "language": _named(tally, "language")}
    corpora = _named(tally, "corpus")
    return made | ({"corpus": corpora} if len(corpora) > 1 else {})


def _named(tally: Tally, field: str) -> list[Row]:
    return [Row(name, part) for (name,), part in tally.by(field).items()]


def speaker_rows(tally: Tally) -> list[Row]:
    """Return the speakers with most utterances, and one row for all others."""
    parts = tally.by("corpus", "speaker")
    rows = [Row(name[1] or "unknown", part) for name, part in parts.items()]
    if len(rows) <= SPEAKER_ROWS:
        return rows
    rest = Part()
    for row in rows[SPEAKER_ROWS:]:
        rest.utterances += row.part.utterances
        rest.seconds += row.part.seconds
        for name in ("emotions", "languages", "splits"):
            getattr(rest, name).update(getattr(row.part, name))
    return [*rows[:SPEAKER_ROWS], Row(f"{len(rows) - SPEAKER_ROWS} more", rest, len(rows) - SPEAKER_ROWS)]


def panel(inspection: Inspection, name: str) -> AttributePanel:
    """Return everything the page shows of one attribute."""
    histogram, levels = inspection.histograms.of[name], inspection.stored.levels
    edges = thresholds(levels.table.overall, name) if levels else None
    bars = histogram.bars(edges)
    emotions = inspection.tally.emotions()
    counts = inspection.tally.levels(LEVEL_OF[name], emotions)
    shares = {"all": counts} | {
        emotion: inspection.tally.levels(LEVEL_OF[name], [emotion]) for emotion in emotions if len(emotions) > 1
    }
    return AttributePanel(
        title=histogram.axis.title,
        unit=histogram.axis.unit,
        bars=bars,
        thresholds=edges,
        places=_each(edges, lambda edge: (edge - bars[0].low) / (bars[-1].high - bars[0].low)),
        shares={label: _shares(found) for label, found in shares.items()},
        counts=counts,
    )


def _each(pair: tuple[float, float] | None, of: Callable[[float], float]) -> tuple[float, float] | None:
    return None if pair is None else (min(1.0, max(0.0, of(pair[0]))), min(1.0, max(0.0, of(pair[1]))))


def _shares(counts: Mapping[str, int]) -> dict[str, float]:
    total = max(1, sum(counts.values()))
    return {name: count / total for name, count in counts.items()}
