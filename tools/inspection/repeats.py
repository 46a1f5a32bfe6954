"""Find what occurs twice among many utterances, in 16 bytes each."""

from array import array
from collections.abc import Iterator

import numpy as np

_OFFSET_BITS = 44
"""A shard may have 16 TiB, and a folder a million shards."""


class Repeats:
    """Fingerprints and places of utterances; repeated ones are found by sorting at the end.

    Two different sounds of a million share a 64-bit fingerprint with a probability of 3e-8.
    """

    def __init__(self) -> None:
        """Start empty."""
        self._prints = array("Q")
        self._places = array("Q")

    def add(self, fingerprint: int, shard: int, offset: int) -> None:
        """Note one utterance.

        Args:
            fingerprint: 64 bits.
            shard: Number of its shard.
            offset: Byte of the shard by which the utterance is found again.
        """
        self._prints.append(fingerprint)
        self._places.append(shard << _OFFSET_BITS | offset)

    def groups(self) -> Iterator[list[tuple[int, int]]]:
        """Yield the shard and byte of the utterances of each fingerprint that occurs more than once."""
        prints = np.array(self._prints, dtype=np.uint64)
        order = np.argsort(prints, kind="stable")
        ordered = prints[order]
        starts = np.flatnonzero(np.diff(ordered, prepend=~ordered[:1]))
        stops = np.append(starts[1:], len(ordered))
        repeated = stops - starts > 1
        for start, stop in zip(starts[repeated], stops[repeated], strict=True):
            yield [self._place(self._places[number]) for number in order[start:stop]]

    @staticmethod
    def _place(place: int) -> tuple[int, int]:
        return place >> _OFFSET_BITS, place & ((1 << _OFFSET_BITS) - 1)
