"""Reader options from the command line: ``--reader-option key=value``, typed by the reader's own parameters."""

import difflib
import inspect
import types
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from tools.corpora.base import CorpusError, Reader

TRUE, FALSE = frozenset({"true", "yes", "1", "on"}), frozenset({"false", "no", "0", "off"})


def option_types(reader: Reader) -> dict[str, Any]:
    """Return a reader's options: its keyword-only parameters, with their types."""
    hints = get_type_hints(reader)
    parameters = inspect.signature(reader).parameters.values()
    return {p.name: hints[p.name] for p in parameters if p.kind is inspect.Parameter.KEYWORD_ONLY}


def parse_options(given: Sequence[str], known: Mapping[str, Any], owner: str) -> dict[str, Any]:
    """Turn ``key=value`` words into typed values.

    Args:
        given: The words of the command line.
        known: Name and type of each option.
        owner: Name of the reader, for messages.

    Raises:
        CorpusError: An option is unknown (the message names the nearest), twice there, or has a value of another type.
    """
    parsed: dict[str, Any] = {}
    for word in given:
        key, equals, text = word.partition("=")
        key = key.strip().replace("-", "_")
        if not equals:
            raise CorpusError(f"reader option {word!r} is not key=value")
        if key not in known:
            raise CorpusError(f"reader {owner} has no option {key!r}; {_hint(key, known)}")
        if key in parsed:
            raise CorpusError(f"reader option {key!r} is given twice")
        parsed[key] = _value(key, text.strip(), known[key])
    return parsed


def nearest(word: str, known: Sequence[str]) -> str:
    """Return a question that names the nearest known word, or nothing."""
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    return f"did you mean {near[0]!r}? " if near else ""


def _hint(key: str, known: Mapping[str, Any]) -> str:
    return f"{nearest(key, list(known))}options: {', '.join(sorted(known)) or 'none'}"


def _value(key: str, text: str, wanted: Any) -> Any:
    """Convert a text to a type; an optional type takes what its other member takes."""
    if get_origin(wanted) in {Union, types.UnionType}:
        wanted = next(member for member in get_args(wanted) if member is not types.NoneType)
    if get_origin(wanted) is Literal:
        if text in get_args(wanted):
            return text
        choices = [str(choice) for choice in get_args(wanted)]
        raise CorpusError(f"reader option {key}={text}: {nearest(text, choices)}choices: {', '.join(choices)}")
    if wanted is bool:
        if text.lower() not in TRUE | FALSE:
            raise CorpusError(f"reader option {key}={text} is neither true nor false")
        return text.lower() in TRUE
    if wanted is int:
        if not text.lstrip("-").isdecimal():
            raise CorpusError(f"reader option {key}={text} is no whole number")
        return int(text)
    return Path(text) if wanted is Path else text
