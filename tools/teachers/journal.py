"""The journal of finished answers: append-only JSON lines, so that a killed run pays for nothing twice."""

import json
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

import numpy as np
from numpy.typing import NDArray

from tools.teachers.exchange import Answer

MERGE_EVERY = 65_536
"""New answers that are looked up in a dictionary before they join the sorted arrays of 16 bytes an answer."""


class Journal:
    """Answers by the digest of their request, on disk; memory holds 16 bytes of each."""

    def __init__(self, path: Path) -> None:
        """Open or create; a last line that a kill tore is passed over and counted in ``torn``."""
        self.path = path
        self.torn = 0
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file: BinaryIO = path.open("a+b")
        self._recent: dict[int, int] = {}
        self._keys: NDArray[np.uint64] = np.empty(0, np.uint64)
        self._places: NDArray[np.int64] = np.empty(0, np.int64)
        self._scan()

    def __enter__(self) -> Self:
        """Use as a context manager that closes the file."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close the file."""
        self._file.close()

    def __len__(self) -> int:
        """Return the number of answers."""
        return len(self._keys) + len(self._recent)

    def get(self, digest: str) -> Answer | None:
        """Return the answer to a request that was finished before."""
        key = int(digest[:16], 16)
        place = self._recent.get(key)
        if place is None:
            at = int(np.searchsorted(self._keys, np.uint64(key)))
            if at == len(self._keys) or int(self._keys[at]) != key:
                return None
            place = int(self._places[at])
        self._file.seek(place)
        entry = _parsed(self._file.readline())
        return entry[1] if entry is not None and entry[0] == digest else None

    def add(self, digest: str, answer: Answer) -> None:
        """Append an answer; it is with the operating system when this returns, so a kill of this process keeps it."""
        line = json.dumps({"request": digest, **asdict(answer)}, ensure_ascii=True).encode() + b"\n"
        place = self._file.seek(0, 2)
        self._file.write(line)
        self._file.flush()
        self._note(digest, place)

    def _scan(self) -> None:
        """Index what is there, and end a torn last line so that the next answer stands on a line of its own."""
        self._file.seek(0)
        place, line = 0, b""
        for line in self._file:
            entry = _parsed(line)
            if entry is None:
                self.torn += bool(line.strip())
            else:
                self._note(entry[0], place)
            place += len(line)
        if line and not line.endswith(b"\n"):
            self._file.write(b"\n")
            self._file.flush()

    def _note(self, digest: str, place: int) -> None:
        self._recent[int(digest[:16], 16)] = place
        if len(self._recent) >= MERGE_EVERY:
            self._merge()

    def _merge(self) -> None:
        count = len(self._recent)
        keys = np.concatenate([np.fromiter(self._recent.keys(), np.uint64, count), self._keys])
        places = np.concatenate([np.fromiter(self._recent.values(), np.int64, count), self._places])
        self._keys, first = np.unique(keys, return_index=True)
        self._places = places[first]
        self._recent = {}


def _parsed(line: bytes) -> tuple[str, Answer] | None:
    """Return digest and answer of a whole line, ``None`` for anything else."""
    try:
        fields = json.loads(line)
        digest = fields.pop("request")
        int(digest[:16], 16)
        return digest, Answer(**fields)
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
