"""Lay out text tokens and speech positions of a batch on the host, in one pass, before anything runs on the device.

With right padding (training) and left padding (generation), row by row::

    right:  before | begin speech end-mark | after | answer end | pad
    left:   pad | before | begin speech end-mark | after

Packed (training), a row holds several of them one behind the other, each of which attends to itself only.
"""

from dataclasses import dataclass, fields
from typing import Literal

import torch
from torch import Tensor

PADDING = -1


@dataclass(frozen=True, slots=True)
class Row:
    """One utterance's parts: token ids around the speech, and the speech's positions (begin and end marks included)."""

    before: list[int]
    speech: int
    after: list[int]
    answer: list[int]

    @property
    def length(self) -> int:
        """Positions in the language model."""
        return len(self.before) + self.speech + len(self.after) + len(self.answer)


@dataclass(slots=True)
class Layout:
    """Index tensors of R rows of L positions; unpacked, each utterance has a row of its own.

    Attributes:
        tokens: ``[R, L]`` token ids, 0 at speech and padding.
        speech: ``[R, L]`` position within the utterance's own speech, -1 elsewhere.
        owner: ``[R, L]`` which utterance a position belongs to, -1 at padding.
        positions: ``[R, L]`` position ids, counted over each utterance's own positions; 0 at padding.
        label_rows: ``[K]`` positions in the flattened ``[R * L]`` hidden states whose next token is part of an answer.
        labels: ``[K]`` those next tokens.
    """

    tokens: Tensor
    speech: Tensor
    owner: Tensor
    positions: Tensor
    label_rows: Tensor
    labels: Tensor

    @property
    def attention(self) -> Tensor:
        """``[R, L]``: 1 where valid, 0 at padding."""
        return (self.owner != PADDING).long()

    @property
    def padding_share(self) -> float:
        """Share of positions that are padding."""
        return 1.0 - float(self.attention.float().mean())

    def to(self, device: torch.device) -> "Layout":
        """Move every tensor, without waiting for the copy."""
        return Layout(*(getattr(self, field.name).to(device, non_blocking=True) for field in fields(self)))


class _Builder:
    """Host lists of a layout of a given number of rows and positions."""

    def __init__(self, rows: int, width: int) -> None:
        self.width = width
        self.tokens, self.positions = ([[0] * width for _ in range(rows)] for _ in range(2))
        self.speech, self.owner = ([[PADDING] * width for _ in range(rows)] for _ in range(2))
        self.label_rows: list[int] = []
        self.labels: list[int] = []

    def place(self, row: int, start: int, owner: int, part: Row) -> None:
        """Put an utterance into a row, beginning at a position."""
        stop, rest = start + part.length, len(part.after) + len(part.answer)
        self.tokens[row][start:stop] = [*part.before, *[0] * part.speech, *part.after, *part.answer]
        self.speech[row][start:stop] = [*[-1] * len(part.before), *range(part.speech), *[-1] * rest]
        self.owner[row][start:stop] = [owner] * part.length
        self.positions[row][start:stop] = range(part.length)
        first = row * self.width + stop - len(part.answer) - 1
        self.label_rows += range(first, first + len(part.answer))
        self.labels += part.answer

    def layout(self) -> Layout:
        """Return the tensors."""
        lists = (self.tokens, self.speech, self.owner, self.positions, self.label_rows, self.labels)
        return Layout(*(torch.tensor(values, dtype=torch.long) for values in lists))


def lay_out(rows: list[Row], *, side: Literal["left", "right"]) -> Layout:
    """Lay rows out side by side, padded on the left or on the right."""
    builder = _Builder(len(rows), max(row.length for row in rows))
    for number, row in enumerate(rows):
        builder.place(number, builder.width - row.length if side == "left" else 0, number, row)
    return builder.layout()


def pack(rows: list[Row], width: int) -> Layout:
    """Lay rows out one behind the other in as few rows of ``width`` positions as first-fit finds, longest first.

    A longer row than ``width`` widens all of them.
    """
    width = max(width, *(row.length for row in rows))
    filled: list[int] = []
    places = []
    for number in sorted(range(len(rows)), key=lambda number: -rows[number].length):
        length = rows[number].length
        packed = next((row for row, used in enumerate(filled) if used + length <= width), len(filled))
        if packed == len(filled):
            filled.append(0)
        places.append((packed, filled[packed], number))
        filled[packed] += length
    builder = _Builder(len(filled), width)
    for packed, start, number in sorted(places):
        builder.place(packed, start, number, rows[number])
    return builder.layout()
