"""Splits for corpora that name none: by speaker where there are enough speakers, by utterance otherwise."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property

from tools.corpora.base import ManifestRow

FEWEST_SPEAKERS = 3
"""Of fewer speakers, not every split could have one of its own."""


def fill_splits(rows: Sequence[ManifestRow]) -> tuple[list[ManifestRow], str]:
    """Give rows without a split one, deterministically; also returns a sentence on how it was done, or nothing."""
    filler = SplitFiller()
    for row in rows:
        filler.learn(row)
    return [filler.filled(row) for row in rows], filler.note()


class SplitFiller:
    """Meets every row once and can then give each that has none its split; remembers speakers, not rows.

    A speaker who has a split in other rows keeps it. Of three or more remaining speakers a tenth (at least one) becomes
    dev and as many test, in the order of a hash of their names; of fewer, utterances are drawn by a hash of their keys,
    and speakers are shared between splits.
    """

    def __init__(self) -> None:
        """Start without any row."""
        self.missing = 0
        self._placed: dict[str, str] = {}
        self._without: set[str] = set()

    def learn(self, row: ManifestRow) -> None:
        """Take notice of a row."""
        if row.split:
            self._placed[row.speaker] = row.split
        else:
            self.missing += 1
            self._without.add(row.speaker)

    def filled(self, row: ManifestRow) -> ManifestRow:
        """Return a row with its split, when all rows have been met."""
        return row if row.split else replace(row, split=self._splits.get(row.speaker) or _by_key(row.key))

    def note(self) -> str:
        """Say how it was done; nothing when every row had its split."""
        if not self.missing:
            return ""
        note, speakers = f"the manifest names no split for {self.missing} rows", self._unplaced
        if len(speakers) >= FEWEST_SPEAKERS:
            return f"{note}: split by speaker, {_held_out(speakers)} each for dev and test"
        if speakers:
            count = len(speakers)
            return (
                f"{note} of {count} speakers: split by utterance, so speakers of dev and test are known from training"
            )
        return f"{note}: they go to the splits that other rows name for their speakers"

    @property
    def _unplaced(self) -> list[str]:
        return sorted(self._without - self._placed.keys(), key=_order)

    @cached_property
    def _splits(self) -> Mapping[str, str]:
        speakers = self._unplaced
        return self._placed | (_by_speaker(speakers) if len(speakers) >= FEWEST_SPEAKERS else {})


def _held_out(speakers: Sequence[str]) -> int:
    return max(1, round(len(speakers) / 10))


def _by_speaker(speakers: Sequence[str]) -> dict[str, str]:
    held_out = _held_out(speakers)
    names = ["dev"] * held_out + ["test"] * held_out + ["train"] * (len(speakers) - 2 * held_out)
    return dict(zip(speakers, names, strict=True))


def _by_key(key: str) -> str:
    return {0: "dev", 1: "test"}.get(int(_order(key), 16) % 10, "train")


def _order(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
