"""Finished tests as the command line names them: ``folder``, or ``name=folder`` for a system's name of one's own."""

from collections.abc import Sequence
from pathlib import Path

from c2ser_lightning.report.results import Result


class SameTestError(ValueError):
    """One system has two tests of one set; the message names both folders."""


def named_folder(text: str) -> tuple[str | None, Path]:
    """Split ``name=folder``; without a name the one that the test was written with counts."""
    name, equals, folder = text.partition("=")
    return (name, Path(folder)) if equals else (None, Path(text))


def read_tests(texts: Sequence[str]) -> list[Result]:
    """Read finished tests; what is given twice in the same words is read once.

    Raises:
        FileNotFoundError: A folder holds no finished test.
        ResultError: A file is damaged; so for PredictionFileError and ProbeFileError.
        SameTestError: A system has two tests of one set: side by side nobody could tell them apart, and averages would
            count the set twice.
    """
    results: dict[tuple[str, str], tuple[Path, Result]] = {}
    for name, folder in map(named_folder, dict.fromkeys(texts)):
        result = Result.read(folder, name)
        first, known = results.setdefault((result.name, result.corpus), (folder, result))
        if known is not result:
            raise SameTestError(
                f"{first} and {folder} are both tests of {result.name!r} on {result.corpus}; leave one out, or name "
                f"the systems apart: '{result.name} (1)={first}' '{result.name} (2)={folder}'"
            )
    return [result for _, result in results.values()]
