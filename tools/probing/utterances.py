"""Utterances, labels and folds of a corpus, wherever they come from."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from c2ser_lightning.data.audio import AudioError, Waveform, decode_audio
from c2ser_lightning.data.shard_index import ShardError, ShardIndex


class Sound(Protocol):
    """Where an utterance's samples are."""

    @property
    def source(self) -> str:
        """The file, for messages."""

    @property
    def cut(self) -> str:
        """What of the file is meant, for a digest; empty for all of it."""

    def encoded(self) -> bytes:
        """Return the encoded file; raises AudioError."""

    def decode(self, data: bytes, min_seconds: float, max_seconds: float) -> Waveform:
        """Return the samples at 16 kHz; raises AudioError."""


@dataclass(frozen=True, slots=True)
class FileSound:
    """A sound file, one of its channels, and a span of it.

    Attributes:
        path: The file.
        channel: Channel counted from 1; files with fewer channels have been mixed already and are taken whole.
        span: Start and end in seconds, or ``None`` for the whole file.
    """

    path: Path
    channel: int = 1
    span: tuple[float, float] | None = None

    @property
    def source(self) -> str:
        """The file."""
        return str(self.path)

    @property
    def cut(self) -> str:
        """Channel and span."""
        return f"{self.channel}{self.span or ''}"

    def encoded(self) -> bytes:
        """Read the file."""
        try:
            return self.path.read_bytes()
        except FileNotFoundError as error:
            raise AudioError("missing_file", f"no such file: {self.path}") from error
        except OSError as error:
            raise AudioError("unreadable_file", f"cannot be read: {error}") from error

    def decode(self, data: bytes, min_seconds: float, max_seconds: float) -> Waveform:
        """Decode channel and span."""
        limits = {"min_seconds": min_seconds, "max_seconds": max_seconds}
        return decode_audio(data, channel=self.channel, span=self.span, **limits)


@dataclass(frozen=True, slots=True)
class ShardSound:
    """A FLAC member of a shard."""

    index: ShardIndex
    position: int
    cut: str = ""

    @property
    def source(self) -> str:
        """The tar."""
        return self.index.source(self.position)

    def encoded(self) -> bytes:
        """Read the member."""
        try:
            return self.index.read_audio(self.position)
        except (ShardError, OSError) as error:
            raise AudioError("unreadable_member", str(error)) from error

    def decode(self, data: bytes, min_seconds: float, max_seconds: float) -> Waveform:
        """Decode the member."""
        return decode_audio(data, min_seconds=min_seconds, max_seconds=max_seconds)


@dataclass(frozen=True, slots=True)
class Utterance:
    """One labelled utterance.

    Attributes:
        key: Unique within the corpus.
        label: Its label, one of the corpus' label set.
        seconds: Its length as listed, for planning; 0 when unknown.
        sound: Its samples.
        speaker: Speaker, where known.
    """

    key: str
    label: str
    seconds: float
    sound: Sound
    speaker: str = ""


@dataclass(slots=True)
class Fold:
    """One division of a corpus. ``validation`` is ``None`` where the corpus publishes none."""

    name: str
    train: list[Utterance]
    test: list[Utterance]
    validation: list[Utterance] | None = None

    @property
    def parts(self) -> dict[str, list[Utterance]]:
        """The lists by name."""
        return {"train": self.train, "validation": self.validation or [], "test": self.test}


@dataclass(slots=True)
class Corpus:
    """A corpus as it is probed.

    Attributes:
        name: Its heading.
        labels: The fixed label set, over which Macro-F1 averages.
        folds: Its folds.
        rule: What the folds are, in words.
        listed: Utterances in each fold's test list, against which those without usable audio are told.
    """

    name: str
    labels: tuple[str, ...]
    folds: list[Fold]
    rule: str = ""
    listed: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Count before anything is left out."""
        self.listed = {fold.name: len(fold.test) for fold in self.folds}

    def utterances(self) -> list[Utterance]:
        """Every utterance once, in the order first met."""
        found = {one.key: one for fold in self.folds for part in fold.parts.values() for one in part}
        return list(found.values())


def split_validation(train: Sequence[Utterance], share: float, seed: int) -> tuple[list[Utterance], list[Utterance]]:
    """Take a share of every label's utterances for validation.

    An utterance's place in the draw is a hash of seed and key, so neither the order of a list, nor the platform, nor
    what else is left out moves more than the border. Every label that has two utterances keeps one on both sides.

    Returns:
        What is left of ``train``, and the validation utterances, both in the order given.
    """
    chosen: set[str] = set()
    for label in {one.label for one in train}:
        keys = [one.key for one in train if one.label == label]
        ranked = sorted(keys, key=lambda key: hashlib.sha256(f"{seed}:{key}".encode()).digest())
        count = min(max(1, round(share * len(keys))), len(keys) - 1)
        chosen |= set(ranked[:count])
    return [one for one in train if one.key not in chosen], [one for one in train if one.key in chosen]
