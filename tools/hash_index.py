"""Where things are by a hash of their name, in 16 bytes a thing."""

import numpy as np
from numpy.typing import NDArray

MERGE_EVERY = 65_536
"""New entries that are looked up in a dictionary before they join the sorted arrays."""


class HashIndex:
    """Places by 64-bit hash; whoever asks has to check that the name at the place is the one that was meant."""

    def __init__(self) -> None:
        """Start empty."""
        self._recent: dict[int, int] = {}
        self._hashes: NDArray[np.uint64] = np.empty(0, np.uint64)
        self._places: NDArray[np.int64] = np.empty(0, np.int64)

    def __len__(self) -> int:
        """Return the number of entries."""
        return len(self._hashes) + len(self._recent)

    def get(self, hashed: int) -> int | None:
        """Return the latest place of a hash, or ``None``."""
        place = self._recent.get(hashed)
        if place is not None:
            return place
        at = int(np.searchsorted(self._hashes, np.uint64(hashed)))
        known = at < len(self._hashes) and int(self._hashes[at]) == hashed
        return int(self._places[at]) if known else None

    def note(self, hashed: int, place: int) -> None:
        """Remember a place."""
        self._recent[hashed] = place
        if len(self._recent) >= MERGE_EVERY:
            self._merge()

    def _merge(self) -> None:
        count = len(self._recent)
        hashes = np.concatenate([np.fromiter(self._recent.keys(), np.uint64, count), self._hashes])
        places = np.concatenate([np.fromiter(self._recent.values(), np.int64, count), self._places])
        # The first of equal hashes is kept, which is the recent one.
        self._hashes, first = np.unique(hashes, return_index=True)
        self._places = places[first]
        self._recent = {}
