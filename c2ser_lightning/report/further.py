"""The further scores of ``metrics.json`` read back; tests of an earlier version simply have none."""

import dataclasses
import math
import types
import typing
from typing import Any

from c2ser_lightning.report.scoring import FurtherScores


def read_further(fields: dict[str, Any]) -> FurtherScores:
    """Take the further scores out of the fields of ``metrics.json``.

    Raises:
        TypeError: A field is missing or unknown.
    """
    hints = typing.get_type_hints(FurtherScores)
    return FurtherScores(**{name: typed(hint, fields.pop(name, None)) for name, hint in hints.items()})


def typed(hint: Any, value: Any) -> Any:
    """Turn a JSON value into what a field's annotation says: dataclass, list, dict, tuple or number (null: NaN)."""
    if isinstance(hint, types.UnionType):
        return None if value is None else typed(typing.get_args(hint)[0], value)
    if dataclasses.is_dataclass(hint):
        hints = typing.get_type_hints(hint)
        return hint(**{name: typed(hints.get(name, Any), item) for name, item in value.items()})  # type: ignore[operator]
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin is list:
        return [typed(inner[0], item) for item in value]
    if origin is dict:
        return {key: typed(inner[1], item) for key, item in value.items()}
    if origin is tuple:
        return tuple(value)
    return math.nan if hint is float and value is None else value
