"""Tables: our figures beside the paper's, one for each score, and a system's figures by language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from c2ser_lightning.metrics.functional import Interval
from c2ser_lightning.report.results import Result
from tools.evaluating.cross_lingual import Average, Row
from tools.evaluating.paper_results import SETS, PaperResult

Score = Literal["ua", "wa", "macro_f1"]
SCORES: Mapping[Score, str] = {"ua": "UA", "wa": "WA", "macro_f1": "Macro-F1"}


@dataclass(frozen=True, slots=True)
class Line:
    """One row: a system and its figure on each set, empty where there is none."""

    system: str
    cells: tuple[str, ...]
    ours: bool = False


@dataclass(frozen=True, slots=True)
class Grid:
    """One table; ``rows`` is what its rows are."""

    title: str
    heads: tuple[str, ...]
    lines: tuple[Line, ...]
    rows: str = "system"

    def markdown(self) -> str:
        """Return it as Markdown, under its title."""
        rows = [(self.rows, *self.heads), ("---",) * (len(self.heads) + 1)]
        rows += [(f"**{line.system}**" if line.ours else line.system, *line.cells) for line in self.lines]
        return "\n".join([f"## {self.title}", "", *(f"| {' | '.join(row)} |" for row in rows)])


def set_grids(name: str, results: Mapping[str, Result], paper: Sequence[PaperResult]) -> list[Grid]:
    """Return the nine-set tables: ours with its interval, and the paper's systems of Tables V and VI."""
    return [
        Grid(title, SETS, (_ours(name, results, score), *_theirs(paper, score, SETS)))
        for score, title in SCORES.items()
    ]


def short_grid(
    title: str, test_set: str, name: str, results: Mapping[str, Result], paper: Sequence[PaperResult]
) -> Grid:
    """Return one of the paper's tables over a single set (VII, VIII, IX), ours on top."""
    lines = [Line(one.system, tuple(f"{getattr(one, score):.3f}" for score in SCORES)) for one in paper]
    if test_set in results:
        cells = tuple(f"{getattr(results[test_set].scores, score):.3f}" for score in SCORES)
        lines.insert(0, Line(name, cells, ours=True))
    return Grid(title, tuple(SCORES.values()), tuple(lines))


def language_grids(rows: Sequence[Row], averages: Sequence[Average]) -> list[Grid]:
    """Return the tables by language: each test set's languages, and the means over trained and zero-shot languages."""
    several = len({row.system for row in rows}) > 1
    lines = [
        Line(
            f"{f'{row.system}: ' if several else ''}{row.test_set}, {row.language}",
            (row.relation, *(_with_interval(getattr(row, score), row.ci95[score]) for score in SCORES), str(row.n)),
            ours=row.relation == "trained",
        )
        for row in rows
    ]
    means = [
        Line(
            f"{one.system}, {one.relation}: {', '.join(one.languages)}",
            tuple(f"{getattr(one, score):.3f}" for score in SCORES),
        )
        for one in averages
    ]
    return [
        Grid("By test set and language", ("language is", *SCORES.values(), "n"), tuple(lines), "test set, language"),
        Grid("Averages over languages", tuple(SCORES.values()), tuple(means), "system, languages"),
    ]


def _ours(name: str, results: Mapping[str, Result], score: Score) -> Line:
    cells = []
    for test_set in SETS:
        if test_set not in results:
            cells.append("")
            continue
        scores = results[test_set].scores
        cells.append(_with_interval(getattr(scores, score), scores.ci95[score]))
    return Line(name, tuple(cells), ours=True)


def _with_interval(value: float, bounds: Interval) -> str:
    return f"{value:.3f} ({bounds[0]:.3f} to {bounds[1]:.3f})"


def _theirs(paper: Sequence[PaperResult], score: Score, sets: Sequence[str]) -> list[Line]:
    systems = dict.fromkeys((one.table, one.system) for one in paper if one.table in ("V", "VI"))
    figures = {(one.table, one.system, one.test_set): getattr(one, score) for one in paper}
    return [
        Line(
            f"{system} (Table {table})",
            tuple(f"{figures[table, system, name]:.3f}" if (table, system, name) in figures else "" for name in sets),
        )
        for table, system in systems
    ]
