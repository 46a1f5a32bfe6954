"""Our figures beside the paper's: systems down, test sets across, a table for each score."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from c2ser_lightning.report.results import Result
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
    """One table."""

    title: str
    heads: tuple[str, ...]
    lines: tuple[Line, ...]

    def markdown(self) -> str:
        """Return it as Markdown, under its title."""
        rows = [("system", *self.heads), ("---",) * (len(self.heads) + 1)]
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


def _ours(name: str, results: Mapping[str, Result], score: Score) -> Line:
    cells = []
    for test_set in SETS:
        if test_set not in results:
            cells.append("")
            continue
        scores = results[test_set].scores
        low, high = scores.ci95[score]
        cells.append(f"{getattr(scores, score):.3f} ({low:.3f} to {high:.3f})")
    return Line(name, tuple(cells), ours=True)


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
