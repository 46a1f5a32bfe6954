"""The Jinja environment of every page: texts escaped, misspelt names an error, styles and scripts shared."""

import math
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

SHARED = Path(__file__).parent
"""Holds ``page.css`` and ``examples.js``, which templates include."""


def page_environment(*folders: Path) -> Environment:
    """Return an environment that looks for templates in the given folders and in this one."""
    environment = Environment(
        loader=FileSystemLoader([*folders, SHARED]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["number"] = lambda value: "none" if math.isnan(value) else f"{value:.3f}"
    environment.policies["json.dumps_kwargs"] = {"ensure_ascii": False, "separators": (",", ":")}
    environment.filters["figure"] = "{:.3f}".format
    environment.filters["percent"] = lambda share, digits=0: f"{100 * share:.{digits}f}"
    return environment
