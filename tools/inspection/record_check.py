"""Whether a record is what the schema says, beyond what parsing it already demands."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import fields
from types import MappingProxyType

from c2ser_lightning.data.record import LEVELS, UtteranceRecord
from c2ser_lightning.emotions import EMOTIONS, OTHER

LONGEST_DRIFT = 0.01
"""Seconds by which a record's duration may differ from its sound; durations are written in rounded digits."""

_TEXTS = ("corpus", "speaker", "language", "split", "transcript", "gender", "emotion_original")
_TEXTS_OR_NONE = ("explicit", "implicit")

LEVEL_OF: Mapping[str, str] = MappingProxyType(
    {"pitch_hz": "pitch", "loudness_lufs": "loudness", "speaking_rate": "rate"}
)
"""Attribute to the level that is made of it."""


def objections(record: UtteranceRecord, key: str, split: str) -> Iterator[str]:
    """Yield what is wrong with a record.

    Args:
        record: A record that parsed.
        key: Key of its tar member.
        split: Split of its shard.
    """
    if record.key != key:
        yield f"its key is {record.key!r}"
    if record.split != split:
        yield f"its split is {record.split!r}, in a shard of {split!r}"
    yield from _texts(record)
    yield from _numbers(record)
    yield from _levels(record)
    yield from _votes(record)


def _texts(record: UtteranceRecord) -> Iterator[str]:
    for name in (*_TEXTS, *_TEXTS_OR_NONE):
        value = getattr(record, name)
        if not (isinstance(value, str) or (value is None and name in _TEXTS_OR_NONE)):
            yield f"{name} is {value!r}, no text"
    for name in ("corpus", "language"):
        if getattr(record, name) == "":
            yield f"{name} is empty"


def _numbers(record: UtteranceRecord) -> Iterator[str]:
    if not is_number(record.duration) or record.duration <= 0:
        yield f"duration is {record.duration!r}, no number of seconds above zero"
    for field in fields(record.attributes):
        value = getattr(record.attributes, field.name)
        if value is not None and not is_number(value):
            yield f"attributes.{field.name} is {value!r}, no finite number"


def _levels(record: UtteranceRecord) -> Iterator[str]:
    for field in fields(record.levels):
        value = getattr(record.levels, field.name)
        if value is not None and value not in LEVELS:
            yield f"levels.{field.name} is {value!r}, none of {', '.join(LEVELS)}"


def _votes(record: UtteranceRecord) -> Iterator[str]:
    votes: object = record.votes
    if not isinstance(votes, dict):
        yield f"votes is {votes!r}, no table"
        return
    for name, count in votes.items():
        if name not in (*EMOTIONS, OTHER) or isinstance(count, bool) or not isinstance(count, int) or count < 0:
            yield f"votes has {name!r}: {count!r}"


def is_number(value: object) -> bool:
    """Whether a value of JSON is a finite number."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def missing_attributes(record: UtteranceRecord) -> list[str]:
    """Return the attributes with levels that have no value."""
    return [name for name in LEVEL_OF if getattr(record.attributes, name) is None]


def missing_levels(record: UtteranceRecord) -> list[str]:
    """Return the levels that are not set although their attribute has a value."""
    return [
        level
        for name, level in LEVEL_OF.items()
        if getattr(record.attributes, name) is not None and getattr(record.levels, level) is None
    ]
