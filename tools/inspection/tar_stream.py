"""One reading of a tar from front to end: its utterances, its checksum, and where it is damaged."""

import hashlib
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

DAMAGE = (tarfile.TarError, EOFError, OSError)


@dataclass(frozen=True, slots=True)
class Member:
    """One file of a tar: its bytes, and the byte at which they begin."""

    data: bytes
    offset: int


@dataclass(frozen=True, slots=True)
class RawUtterance:
    """The adjacent members of one key, by suffix."""

    key: str
    members: dict[str, Member] = field(default_factory=dict)


class _StrictHeader(tarfile.TarInfo):
    """A header that is damaged or cut off is an error, where tarfile would take it for the end of the archive."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> "_StrictHeader":
        if len(buf) < tarfile.BLOCKSIZE:
            raise tarfile.ReadError("ends without the closing blocks of a tar")
        if not any(buf):
            return super().frombuf(buf, encoding, errors)
        try:
            return super().frombuf(buf, encoding, errors)
        except tarfile.HeaderError as error:
            raise tarfile.ReadError(f"damaged header: {error}") from error


class _Counted:
    """A file that is hashed as it is read."""

    def __init__(self, file: BinaryIO, on_read: Callable[[int], object]) -> None:
        self._file = file
        self._on_read = on_read
        self.hash = hashlib.sha256()
        self.bytes = 0

    def read(self, size: int) -> bytes:
        data = self._file.read(size)
        self.hash.update(data)
        self.bytes += len(data)
        self._on_read(len(data))
        return data


class TarStream:
    """Iterate to read; afterwards the other attributes are known.

    Attributes:
        tar: The file.
        sha256: Checksum of the whole file, damaged or not.
        bytes: Its size.
        damage: Why it could not be read to its end, or nothing.
    """

    def __init__(self, tar: Path, on_read: Callable[[int], object] = lambda _: None) -> None:
        """Prepare to read.

        Args:
            tar: The file.
            on_read: Is told the number of bytes at each reading, for a progress bar.
        """
        self.tar = tar
        self.sha256 = ""
        self.bytes = 0
        self.damage = ""
        self._on_read = on_read

    def __iter__(self) -> Iterator[RawUtterance]:
        """Yield the utterances up to the end or to the first damage; one utterance is in memory at a time."""
        with self.tar.open("rb") as raw:
            file = _Counted(raw, self._on_read)
            try:
                yield from _grouped(_members(file))
            except DAMAGE as error:
                self.damage = f"{error}, near byte {file.bytes}"
            while file.read(1 << 20):
                pass
        self.sha256 = file.hash.hexdigest()
        self.bytes = file.bytes


def _members(file: _Counted) -> Iterator[tuple[str, str, Member]]:
    """Yield key, suffix and content of every file."""
    with tarfile.open(fileobj=file, mode="r|", tarinfo=_StrictHeader) as archive:  # type: ignore[call-overload]
        for header in archive:
            archive.members = []  # the archive remembers every header, which grows with the shard
            content = archive.extractfile(header) if header.isfile() else None
            if content is not None:
                key, _, suffix = Path(header.name).name.partition(".")
                yield key, suffix, Member(content.read(), header.offset_data)


def _grouped(members: Iterator[tuple[str, str, Member]]) -> Iterator[RawUtterance]:
    """Yield the utterances; one that was read before the damage comes before the error."""
    current: RawUtterance | None = None
    try:
        for key, suffix, member in members:
            if current is not None and (key != current.key or suffix in current.members):
                yield current
                current = None
            current = current or RawUtterance(key)
            current.members[suffix] = member
    except DAMAGE:
        if current is not None:
            yield current
        raise
    if current is not None:
        yield current


def read_member(tar: Path, offset: int) -> bytes:
    """Return the content of the file that begins at a byte of a whole tar; its header lies right before it."""
    with tar.open("rb") as file:
        file.seek(offset - tarfile.BLOCKSIZE)
        header = tarfile.TarInfo.frombuf(file.read(tarfile.BLOCKSIZE), "utf-8", "surrogateescape")
        return file.read(header.size)
