"""So many per emotion and language: choose, and say where there were not enough."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from c2ser_lightning.emotions import EMOTIONS

_T = TypeVar("_T")

LANGUAGES = ("zh", "en")
"""The languages of Emo-Emilia; its layout has names for these two alone."""
Cell = tuple[str, str]
"""Emotion and language."""


@dataclass(frozen=True, slots=True)
class Quota:
    """How many were there and how many are wanted.

    Attributes:
        wanted: Utterances per emotion and language.
        found: How many there were to choose from.
    """

    wanted: int
    found: Mapping[Cell, int]

    @property
    def shortages(self) -> dict[Cell, int]:
        """How many are missing, where any are."""
        return {cell: self.wanted - n for cell, n in self.found.items() if n < self.wanted}

    def lines(self) -> list[str]:
        """Return a table of what was found, and a line per shortage."""
        width = max(map(len, EMOTIONS))
        head = " " * width + "".join(f"{language:>8}" for language in LANGUAGES)
        body = [
            emotion.ljust(width) + "".join(f"{self.found[emotion, language]:>8}" for language in LANGUAGES)
            for emotion in EMOTIONS
        ]
        short = [
            f"too few: {emotion} {language}: {self.found[emotion, language]} of {self.wanted}"
            for emotion, language in self.shortages
        ]
        return [head, *body, *(short or [f"enough of all: at least {self.wanted} per emotion and language"])]


def choose(
    items: Iterable[_T], cell: Callable[[_T], Cell], order: Callable[[_T], tuple[float, str]], wanted: int
) -> tuple[list[_T], list[_T], Quota]:
    """Take the first ``wanted`` of every cell.

    Args:
        items: What there is.
        cell: Emotion and language of an item.
        order: Sort key within a cell; has to tell any two items apart.
        wanted: Items per cell.

    Returns:
        The chosen, by emotion, language and order; the surplus; and the counts.
    """
    by_cell: dict[Cell, list[_T]] = defaultdict(list)
    for item in items:
        by_cell[cell(item)].append(item)
    chosen: list[_T] = []
    surplus: list[_T] = []
    for key in cells():
        ranked: Sequence[_T] = sorted(by_cell[key], key=order)
        chosen += ranked[:wanted]
        surplus += ranked[wanted:]
    return chosen, surplus, Quota(wanted, {key: len(by_cell[key]) for key in cells()})


def cells() -> list[Cell]:
    """Return all 14 pairs of emotion and language."""
    return [(emotion, language) for emotion in EMOTIONS for language in LANGUAGES]
