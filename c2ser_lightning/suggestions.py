"""Find the setting that a misspelt key was meant to be."""

import dataclasses
import difflib
import inspect
import re
import typing
from collections.abc import Iterable, Iterator
from typing import Any

_REJECTED = re.compile(
    r"""[Oo]ption '([\w.]+)' is not accepted|does not accept option '([\w.]+)'"""
    r"""|[Kk]ey ["']?([\w.]+)["']? is not expected|[Uu]nrecognized arguments: -*([\w.]+)"""
)


def suggestion(message: str, classes: Iterable[type], options: Iterable[str]) -> str:
    """Return a question that names the nearest known setting, or nothing.

    Args:
        message: The parser's complaint.
        classes: Classes whose constructor parameters, and dataclass fields in them, are settings.
        options: Further option names.
    """
    rejected = _REJECTED.search(message)
    if rejected is None:
        return ""
    known = {*setting_names(classes), *options}
    parts = next(filter(None, rejected.groups())).split(".")
    wrong = next((part for part in parts if part not in known), parts[-1])
    near = difflib.get_close_matches(wrong, sorted(known), n=1, cutoff=0.6)
    return f"\nDid you mean {near[0]!r} instead of {wrong!r}?" if near else ""


def setting_names(classes: Iterable[type]) -> Iterator[str]:
    """Yield the parameter names of classes, and the fields of dataclasses among their parameters' types."""
    for owner in classes:
        yield from inspect.signature(owner).parameters
        for annotation in _hints(owner):
            yield from setting_names(part for part in _parts(annotation) if _is_dataclass(part))


def _hints(owner: type) -> list[Any]:
    annotated: Any = owner if dataclasses.is_dataclass(owner) else inspect.getattr_static(owner, "__init__")
    return list(typing.get_type_hints(annotated).values())


def _is_dataclass(annotation: Any) -> bool:
    return isinstance(annotation, type) and dataclasses.is_dataclass(annotation)


def _parts(annotation: Any) -> Iterator[Any]:
    """Yield a type itself or the members of a union or generic."""
    arguments = typing.get_args(annotation)
    if not arguments:
        yield annotation
    for argument in arguments:
        yield from _parts(argument)
