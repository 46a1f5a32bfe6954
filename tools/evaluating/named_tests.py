"""Finished tests as the command line names them: ``folder``, or ``name=folder`` for a system's name of one's own."""

from collections.abc import Mapping
from pathlib import Path

from c2ser_lightning.report.results import Result


class SameTestError(ValueError):
    """Two folders hold the same system's test of the same set; the message names both."""


def named_folder(text: str) -> tuple[str | None, Path]:
    """Split ``name=folder``; without a name the one that the test was written with counts."""
    name, equals, folder = text.partition("=")
    return (name, Path(folder)) if equals else (None, Path(text))


def refuse_repetition(results: Mapping[Path, Result]) -> None:
    """Make sure that no system answered the same test set twice, as averages would then count it twice.

    Args:
        results: Tests by folder.

    Raises:
        SameTestError: One did.
    """
    seen: dict[tuple[str, str], Path] = {}
    for folder, result in results.items():
        first = seen.setdefault((result.name, result.corpus), folder)
        if first != folder:
            raise SameTestError(
                f"{first} and {folder} are both tests of {result.name!r} on {result.corpus}; leave one out, or name "
                f"the systems apart: '{result.name} (1)={first}' '{result.name} (2)={folder}'"
            )
