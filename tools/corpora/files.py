"""Find a corpus' files, and say what was expected where they are not."""

import codecs
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from tools.corpora.base import CorpusError
from tools.corpora.recording import CONTAINERS

SOUND_SUFFIXES = (".wav", ".flac", ".mp3", ".ogg", ".opus", *sorted(CONTAINERS))
"""In the order of preference when an utterance is there in several formats."""


def require_folder(data: Path, corpus: str, expected: str) -> None:
    """Check that a folder is there.

    Raises:
        CorpusError: It is not.
    """
    if not data.is_dir():
        raise CorpusError(f"no folder {data}; give the folder of {corpus} that holds {expected}")


def sound_files(folder: Path) -> Iterator[Path]:
    """Yield all sound files below a folder in a fixed order, without the litter of archives made on a Mac."""
    for parent, folders, names in os.walk(folder, followlinks=True):
        folders[:] = sorted(name for name in folders if name != "__MACOSX" and not name.startswith("."))
        for name in sorted(names):
            if not name.startswith(".") and Path(name).suffix.lower() in SOUND_SUFFIXES:
                yield Path(parent) / name


def find_file(data: Path, candidates: Sequence[str], corpus: str) -> Path:
    """Return the first of several possible files of a corpus.

    Raises:
        CorpusError: None of them is there.
    """
    require_folder(data, corpus, " or ".join(candidates))
    for candidate in candidates:
        for found in sorted(data.glob(candidate)):
            return found
    raise CorpusError(f"{data} is not {corpus}: it holds none of {', '.join(candidates)}")


def sound_of(stem: Path) -> Path:
    """Return the sound file of a path without suffix; the WAV that ought to be there if there is none."""
    for suffix in SOUND_SUFFIXES:
        candidate = stem.with_name(stem.name + suffix)
        if candidate.is_file():
            return candidate
    return stem.with_name(stem.name + ".wav")


def read_text(path: Path) -> str:
    """Read a text file in any of the encodings that corpora come in: UTF-8, UTF-16, GB 18030, Latin-1."""
    return path.read_bytes().decode(encoding_of(path), errors="replace")


def read_lines(path: Path) -> Iterator[str]:
    """Yield the lines of such a file without their ends; memory holds one at a time."""
    # Only a line feed ends a line: other signs that Python takes for line ends may stand in a transcript.
    with path.open(newline="\n", encoding=encoding_of(path), errors="replace") as file:
        for line in file:
            yield line.removesuffix("\n")


def encoding_of(path: Path) -> str:
    """Return the first of the encodings that the whole file is valid in; Latin-1 always is."""
    with path.open("rb") as file:
        if file.read(2) in {b"\xff\xfe", b"\xfe\xff"}:
            return "utf-16"
        return next((name for name in ("utf-8-sig", "gb18030") if _is_valid(file, name)), "latin-1")


def _is_valid(file: BinaryIO, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    file.seek(0)
    try:
        while chunk := file.read(1 << 20):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
