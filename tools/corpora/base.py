"""What every corpus reader yields."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from c2ser_lightning.data.ledger import Skip

SPLITS = ("train", "dev", "test")


class CorpusError(ValueError):
    """A corpus cannot be read at all; the message says what is missing and where it was looked for."""


@dataclass(frozen=True, slots=True)
class ManifestRow:
    """One utterance as its corpus lists it.

    Attributes:
        key: Unique within the corpus; no dot or slash.
        audio: The sound file.
        label: The corpus' own emotion label; empty when unlabelled.
        corpus: Short name of the corpus.
        speaker: Speaker id.
        gender: ``female``, ``male`` or empty.
        language: ISO 639-1 code.
        transcript: Words; may be empty.
        split: ``train``, ``dev``, ``test``, or empty when the corpus does not say.
        source: Where the row stands (file and row number), for messages.
    """

    key: str
    audio: Path
    label: str
    corpus: str
    speaker: str
    gender: str
    language: str
    transcript: str
    split: str
    source: str


class Reader(Protocol):
    """Reads a corpus in its official layout."""

    def __call__(self, data: Path) -> Iterator[ManifestRow | Skip]:
        """Yield rows, and a Skip for each row that cannot be one.

        Raises:
            CorpusError: ``data`` is not this corpus.
        """
        ...


def key_of(relative: str) -> str:
    """Turn a file's path within its corpus into a key: no suffix, no dot, no slash."""
    return Path(relative).with_suffix("").as_posix().strip("/").replace("/", "_").replace(".", "-")
