"""The ledger of a build: written line by line, so that a corpus with a million unusable rows needs no memory."""

import json
import shutil
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Self

from c2ser_lightning.data.atomic_file import atomic_file
from c2ser_lightning.data.ledger import Skip, StrictModeError, summary_of


class LedgerFile:
    """Writes skips to a file as they are met, and counts them by reason."""

    def __init__(self, path: Path, *, strict: bool = False) -> None:
        """Begin a new file; with ``strict`` the first skip raises :class:`StrictModeError` after it was written."""
        self.path = path
        self.strict = strict
        self._counts = Counter[str]()
        self._file = path.open("w", encoding="utf-8", newline="\n")

    def __enter__(self) -> Self:
        """Use as a context manager that closes the file."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close the file."""
        self._file.close()

    def __len__(self) -> int:
        """Return the number of skips."""
        return self._counts.total()

    def note(self, skip: Skip) -> None:
        """Write a skip down."""
        self._counts[skip.reason] += 1
        self._file.write(json.dumps(asdict(skip), ensure_ascii=False) + "\n")

    def add(self, skip: Skip) -> None:
        """Write a skip down, and stop there if the build is strict."""
        self.note(skip)
        if self.strict:
            raise StrictModeError(f"{skip.source}: {skip.key}: {skip.reason}: {skip.detail}")

    def counts(self) -> dict[str, int]:
        """Return how many skips each reason has, most frequent first."""
        return dict(self._counts.most_common())

    def summary(self) -> str:
        """Return one line for people: the total and the count of each reason."""
        return summary_of(self.counts())

    def copy_to(self, path: Path) -> None:
        """Copy what was written so far."""
        self._file.flush()
        with self.path.open("rb") as written, atomic_file(path) as copy:
            shutil.copyfileobj(written, copy)
