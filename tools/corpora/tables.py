"""Read the CSV and TSV tables that corpora list their utterances in."""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from tools.corpora.base import CorpusError

Fields = dict[str, str]


def read_table(path: Path, required: Sequence[str], delimiter: str = ",") -> list[tuple[int, Fields]]:
    """Return all rows of a table; see :func:`iterate_table`."""
    return list(iterate_table(path, required, delimiter))


def iterate_table(path: Path, required: Sequence[str], delimiter: str = ",") -> Iterator[tuple[int, Fields]]:
    """Yield a table's rows as stripped values by column, each with the number of the line it ends on.

    What stands beyond the last column is dropped; what is missing is empty.

    Raises:
        CorpusError: No such file, not UTF-8 CSV, or a required column is missing.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file, delimiter=delimiter)
            columns = reader.fieldnames or []
            missing = [column for column in required if column not in columns]
            if missing:
                there = ", ".join(columns) or "nothing"
                wanted = ", ".join(map(repr, missing))
                raise CorpusError(f"{path} has no column {wanted}; its first line holds: {there}")
            for row in reader:
                yield reader.line_num, _clean(row)
    except UnicodeDecodeError as error:
        raise CorpusError(f"{path} is not UTF-8 (byte {error.start}); save it as UTF-8") from error
    except (csv.Error, OSError) as error:
        raise CorpusError(f"{path} is not CSV: {error}") from error


def _clean(row: dict[str | None, str | list[str] | None]) -> Fields:
    return {key: value.strip() if isinstance(value, str) else "" for key, value in row.items() if key is not None}
