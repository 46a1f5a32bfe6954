"""Single cells of Arrow and Parquet files, read through pyarrow without holding more than one row group of sound."""

from functools import lru_cache
from pathlib import Path
from typing import Any

ARROW, PARQUET = ".arrow", ".parquet"


class MissingPyarrowError(ImportError):
    """Arrow and Parquet files need pyarrow."""

    def __init__(self) -> None:
        """Say which extra brings it."""
        super().__init__("Arrow and Parquet files need pyarrow: pip install 'c2ser_lightning[hf]'")


def pyarrow() -> Any:
    """Import pyarrow with what this project uses of it.

    Raises:
        MissingPyarrowError: It is not installed.
    """
    try:
        import pyarrow as imported
        import pyarrow.ipc
        import pyarrow.parquet
    except ModuleNotFoundError as error:
        raise MissingPyarrowError from error
    return imported


def read_cell(path: Path, row: int, column: str) -> bytes | str:
    """Return a cell: bytes where there are any, else the path it names, else an empty string.

    Args:
        path: ``.parquet``, or ``.arrow`` in the stream or file format.
        row: Row of the whole file, from 0.
        column: A binary or string column, or a struct of ``bytes`` and ``path``.
    """
    value: Any
    if path.suffix == PARQUET:
        group, offset = _locate(path, row)
        value = _row_group(path, group, column)[offset].as_py()
    else:
        value = arrow_table(path).column(column)[row].as_py()
    if isinstance(value, dict):
        value = value.get("bytes") or value.get("path")
    return value if isinstance(value, bytes | str) else ""


@lru_cache(maxsize=8)
def arrow_table(path: Path) -> Any:
    """Map an Arrow file into memory; only what is looked at is read from disk."""
    arrow = pyarrow()
    source = arrow.memory_map(str(path))
    try:
        return arrow.ipc.open_stream(source).read_all()
    except arrow.ArrowInvalid:
        source.seek(0)
        return arrow.ipc.open_file(source).read_all()


@lru_cache(maxsize=1)
def _row_group(path: Path, group: int, column: str) -> Any:
    return pyarrow().parquet.ParquetFile(path).read_row_group(group, columns=[column]).column(column)


@lru_cache(maxsize=64)
def _group_sizes(path: Path) -> tuple[int, ...]:
    metadata = pyarrow().parquet.ParquetFile(path).metadata
    return tuple(metadata.row_group(group).num_rows for group in range(metadata.num_row_groups))


def _locate(path: Path, row: int) -> tuple[int, int]:
    """Return the row group that holds a row, and the row's place in it."""
    for group, size in enumerate(_group_sizes(path)):
        if row < size:
            return group, row
        row -= size
    raise IndexError(f"{path} has no row {row}")
