"""One utterance as it is written in a shard: the JSON member beside the FLAC member of the same key."""

import dataclasses
import json
from dataclasses import dataclass, field
from typing import Any, Literal, Self, get_args

from c2ser_lightning.emotions import EMOTION_INDEX

Level = Literal["low", "medium", "high"]
LEVELS: tuple[Level, ...] = get_args(Level)


class RecordError(ValueError):
    """A shard's JSON member does not describe an utterance; the message says which field and why."""


@dataclass(frozen=True, slots=True)
class Attributes:
    """Measured style of one utterance; ``None`` where it has no defined value (an unvoiced clip has no pitch).

    Attributes:
        pitch_hz: Mean fundamental frequency over voiced frames, in Hz.
        loudness_lufs: Integrated loudness (ITU-R BS.1770), in LUFS.
        speaking_rate: Phonemes of the transcript per second of silence-trimmed speech.
        pitch_range_hz: Distance of the 5th and 95th percentile of the voiced frames' frequency, in Hz.
        pitch_semitones: Mean over voiced frames in semitones above 27.5 Hz.
        pitch_range_semitones: Distance of the 5th and 95th percentile in semitones.
    """

    pitch_hz: float | None = None
    loudness_lufs: float | None = None
    speaking_rate: float | None = None
    pitch_range_hz: float | None = None
    pitch_semitones: float | None = None
    pitch_range_semitones: float | None = None


@dataclass(frozen=True, slots=True)
class Levels:
    """The attributes as words, by mean +- sd of the training split (paper III-C, step 2)."""

    pitch: Level | None = None
    loudness: Level | None = None
    rate: Level | None = None


@dataclass(frozen=True, slots=True)
class UtteranceRecord:
    """Everything a shard says of one utterance except its samples.

    Attributes:
        key: Unique within the corpus; the tar members are ``<key>.flac`` and ``<key>.json``. Holds no dot or slash.
        corpus: Short name of the corpus.
        speaker: Speaker id, unique within the corpus.
        language: ISO 639-1 code (``en``, ``zh``, ``pl``).
        split: ``train``, ``dev`` or ``test``.
        emotion: One of the seven canonical emotions, or ``None`` for unlabelled speech.
        transcript: Orthographic words; may be empty.
        duration: Length of the stored audio in seconds.
        gender: ``female``, ``male`` or empty when unknown.
        emotion_original: The corpus' own label, before harmonisation.
        attributes: Measured pitch, loudness and speaking rate.
        levels: The same three as low, medium or high.
        explicit: Explicit chain-of-thought text (style, content, then emotion), or ``None``.
        implicit: Implicit text (emotion only), or ``None``.
        votes: How many annotators chose each emotion (or ``other``), where the corpus publishes votes.
    """

    key: str
    corpus: str
    speaker: str
    language: str
    split: str
    emotion: str | None
    transcript: str
    duration: float
    gender: str = ""
    emotion_original: str = ""
    attributes: Attributes = Attributes()
    levels: Levels = Levels()
    explicit: str | None = None
    implicit: str | None = None
    votes: dict[str, int] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        """Check the fields that nothing downstream could repair."""
        if not self.key or "." in self.key or "/" in self.key:
            raise RecordError(f"key {self.key!r} is empty or holds a dot or a slash")
        if self.emotion is not None and self.emotion not in EMOTION_INDEX:
            raise RecordError(f"{self.key}: emotion {self.emotion!r} is none of {', '.join(EMOTION_INDEX)}")

    def to_json(self) -> str:
        """Serialise as one line of JSON, keys in field order."""
        return json.dumps(dataclasses.asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """Parse what :meth:`to_json` wrote.

        Raises:
            RecordError: Not JSON, a required field is missing, or a field is unknown.
        """
        try:
            fields: dict[str, Any] = json.loads(text)
        except ValueError as error:
            raise RecordError(f"not an utterance record: {error}") from error
        return cls.from_fields(fields)

    @classmethod
    def from_fields(cls, fields: dict[str, Any]) -> Self:
        """Build a record from the object that its JSON holds.

        Raises:
            RecordError: A required field is missing, or a field is unknown.
        """
        try:
            attributes = Attributes(**fields.pop("attributes", {}))
            levels = Levels(**fields.pop("levels", {}))
            return cls(**fields, attributes=attributes, levels=levels)
        except (TypeError, AttributeError) as error:
            raise RecordError(f"not an utterance record: {error}") from error
