"""The journal of finished answers: append-only JSON lines, so that a killed run pays for nothing twice."""

import json
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from tools.hash_index import HashIndex
from tools.teachers.exchange import Answer


class Journal:
    """Answers by the digest of their request, on disk; memory holds 16 bytes of each."""

    def __init__(self, path: Path) -> None:
        """Open or create; a last line that a kill tore is passed over and counted in ``torn``."""
        self.path = path
        self.torn = 0
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file: BinaryIO = path.open("a+b")
        self._index = HashIndex()
        self._scan()

    def __enter__(self) -> Self:
        """Use as a context manager that closes the file."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close the file."""
        self._file.close()

    def __len__(self) -> int:
        """Return the number of answers."""
        return len(self._index)

    def get(self, digest: str) -> Answer | None:
        """Return the answer to a request that was finished before."""
        place = self._index.get(int(digest[:16], 16))
        if place is None:
            return None
        self._file.seek(place)
        entry = _parsed(self._file.readline())
        return entry[1] if entry is not None and entry[0] == digest else None

    def add(self, digest: str, answer: Answer) -> None:
        """Append an answer; it is with the operating system when this returns, so a kill of this process keeps it."""
        line = json.dumps({"request": digest, **asdict(answer)}, ensure_ascii=True).encode() + b"\n"
        place = self._file.seek(0, 2)
        self._file.write(line)
        self._file.flush()
        self._index.note(int(digest[:16], 16), place)

    def _scan(self) -> None:
        """Index what is there, and end a torn last line so that the next answer stands on a line of its own."""
        self._file.seek(0)
        place, line = 0, b""
        for line in self._file:
            entry = _parsed(line)
            if entry is None:
                self.torn += bool(line.strip())
            else:
                self._index.note(int(entry[0][:16], 16), place)
            place += len(line)
        if line and not line.endswith(b"\n"):
            self._file.write(b"\n")
            self._file.flush()


def _parsed(line: bytes) -> tuple[str, Answer] | None:
    """Return digest and answer of a whole line, ``None`` for anything else."""
    try:
        fields = json.loads(line)
        digest = fields.pop("request")
        int(digest[:16], 16)
        return digest, Answer(**fields)
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
