"""A ledger that is written as it grows, for corpora whose ledger would not fit into memory."""

import json
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

from c2ser_lightning.data.ledger import Skip


class LedgerFile:
    """Lines like :class:`c2ser_lightning.data.ledger.Ledger` writes, with nothing but counts in memory."""

    def __init__(self, path: Path) -> None:
        """Replace the file."""
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file: TextIO = path.open("w", encoding="utf-8")
        self._counts: Counter[str] = Counter()

    def __enter__(self) -> Self:
        """Use as a context manager that closes the file."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close."""
        self._file.close()

    def add(self, skip: Skip) -> None:
        """Write one line."""
        self._counts[skip.reason] += 1
        self._file.write(json.dumps(asdict(skip), ensure_ascii=False) + "\n")

    def counts(self) -> dict[str, int]:
        """Return how many lines each reason has, most frequent first."""
        return dict(self._counts.most_common())
