"""What every corpus reader yields."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from c2ser_lightning.data.ledger import Skip
from tools.corpora.recording import Recording

SPLITS = ("train", "dev", "test")


class CorpusError(ValueError):
    """A corpus cannot be read at all; the message says what is missing and where it was looked for."""


class RowError(ValueError):
    """One row cannot be an utterance. ``reason`` is the ledger's category, the message says what is wrong."""

    def __init__(self, reason: str, detail: str) -> None:
        """Remember the category beside the message."""
        super().__init__(detail)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class ManifestRow:
    """One utterance as its corpus lists it.

    Attributes:
        key: Unique within the corpus; no dot or slash.
        audio: The sound file, a stretch of one, or a cell of a table.
        label: The corpus' own emotion label; empty when unlabelled.
        corpus: Short name of the corpus.
        speaker: Speaker id.
        gender: ``female``, ``male`` or empty.
        language: ISO 639-1 code.
        transcript: Words; may be empty.
        split: ``train``, ``dev``, ``test``, or empty when the corpus does not say.
        source: Where the row stands (file and row number), for messages.
        votes: How many annotators chose each label, in the corpus' own words, where it publishes votes.
        seconds: Length that the corpus' lists state; for describing lists whose audio is not there.
    """

    key: str
    audio: Recording
    label: str
    corpus: str
    speaker: str
    gender: str
    language: str
    transcript: str
    split: str
    source: str
    votes: dict[str, int] = field(default_factory=dict, hash=False)
    seconds: float | None = None


Reader = Callable[..., Iterator[ManifestRow | Skip]]
"""Reads a corpus in its official layout.

It takes the corpus' folder or list, and keyword-only parameters that are its options on the command line; yields rows,
and a Skip for each row that cannot be one; and raises a :class:`CorpusError` for what is not this corpus.
"""


def row_or_skip(key: str, source: str, make: Callable[[], ManifestRow]) -> ManifestRow | Skip:
    """Return a row, or the Skip of a row that cannot be made: a bad row loses only itself."""
    try:
        return make()
    except RowError as error:
        return Skip(key, error.reason, str(error), source)


def key_of(relative: str) -> str:
    """Turn a file's path within its corpus into a key: no suffix, no dot, no slash."""
    return safe_key(Path(relative).with_suffix("").as_posix())


def safe_key(name: str) -> str:
    """Replace what may not stand in a key: dots and slashes."""
    return name.strip("/").replace("/", "_").replace(".", "-")


SPLIT_NAMES = {
    **dict.fromkeys(("train", "training"), "train"),
    **dict.fromkeys(("dev", "development", "valid", "validation", "val"), "dev"),
    **dict.fromkeys(("test", "testing", "eval", "evaluation", "test1", "test2", "test3"), "test"),
}
"""What corpora call their splits, lower case."""


def split_named(name: str) -> str:
    """Return the split that a corpus' word means.

    Raises:
        RowError: No known word.
    """
    if name.strip().lower() not in SPLIT_NAMES:
        raise RowError("unknown_split", f"split {name!r} is none of {', '.join(SPLIT_NAMES)}")
    return SPLIT_NAMES[name.strip().lower()]
