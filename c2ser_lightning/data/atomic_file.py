"""Files that are there as a whole or not at all, whenever the process or the machine stops."""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

PARTIAL = ".partial"
"""Suffix of a file that is being written; after a kill it may be removed."""


@contextmanager
def atomic_file(path: Path) -> Iterator[BinaryIO]:
    """Open a file for writing that gets its name, and replaces what had it, only when it is whole and on the disk.

    The temporary name is unique, so that two machines that make the same file do not write into each other's. The
    folder is not synchronised: a power cut may lose the new name, never the wholeness of what stands under it.
    """
    temporary = path.with_name(f"{path.name}.{uuid.uuid4().hex[:12]}{PARTIAL}")
    try:
        with temporary.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_atomically(path: Path, text: str) -> None:
    """Write a text file as a whole or not at all."""
    with atomic_file(path) as file:
        file.write(text.encode())
