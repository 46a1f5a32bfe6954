"""Lay out text tokens and speech positions of a batch on the host, in one pass, before anything runs on the device.

With right padding (training) and left padding (generation), row by row::

    right:  before | begin speech end-mark | after | answer end | pad
    left:   pad | before | begin speech end-mark | after
"""

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor


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
    """Index tensors of a batch; L is the longest row.

    Attributes:
        tokens: ``[B, L]`` token ids, 0 at speech and padding.
        speech: ``[B, L]`` position within the row's own speech, -1 elsewhere.
        attention: ``[B, L]`` 1 where valid.
        label_rows: ``[K]`` positions in the flattened ``[B * L]`` hidden states whose next token is part of an answer.
        labels: ``[K]`` those next tokens.
    """

    tokens: Tensor
    speech: Tensor
    attention: Tensor
    label_rows: Tensor
    labels: Tensor

    @property
    def positions(self) -> Tensor:
        """Position ids ``[B, L]``, counted over valid positions only."""
        return (self.attention.cumsum(1) - 1).clamp_min(0)

    @property
    def padding_share(self) -> float:
        """Share of positions that are padding."""
        return 1.0 - float(self.attention.float().mean())

    def to(self, device: torch.device) -> "Layout":
        """Move every tensor, without waiting for the copy."""
        moved = (
            getattr(self, name).to(device, non_blocking=True)
            for name in ("tokens", "speech", "attention", "label_rows", "labels")
        )
        return Layout(*moved)


def lay_out(rows: list[Row], *, side: Literal["left", "right"]) -> Layout:
    """Lay rows out side by side, padded on the left or on the right."""
    width = max(row.length for row in rows)
    tokens, speech, attention = [], [], []
    label_rows: list[int] = []
    labels: list[int] = []
    for number, row in enumerate(rows):
        padding = width - row.length
        left, right = (padding, 0) if side == "left" else (0, padding)
        text = [*row.before, *[0] * row.speech, *row.after, *row.answer]
        place = [*[-1] * len(row.before), *range(row.speech), *[-1] * (len(row.after) + len(row.answer))]
        tokens.append([*[0] * left, *text, *[0] * right])
        speech.append([*[-1] * left, *place, *[-1] * right])
        attention.append([*[0] * left, *[1] * row.length, *[0] * right])
        first = number * width + left + row.length - len(row.answer) - 1
        label_rows += range(first, first + len(row.answer))
        labels += row.answer
    return Layout(
        *(torch.tensor(values, dtype=torch.long) for values in (tokens, speech, attention, label_rows, labels))
    )
