"""Command lines that say what is wrong and what was probably meant."""

import argparse
import difflib
import math
from typing import NoReturn


class Parser(argparse.ArgumentParser):
    """An argument parser without abbreviations that names the nearest option when one is misspelt."""

    def __init__(self, module: str, description: str | None) -> None:
        """Set up for ``python -m <module>``."""
        kind = argparse.RawDescriptionHelpFormatter
        super().__init__(f"python -m {module}", description=description, formatter_class=kind, allow_abbrev=False)

    def error(self, message: str) -> NoReturn:
        """Print the message, with a hint for each unknown option, and exit with status 2."""
        if message.startswith("unrecognized arguments"):
            known = [name for name in self._option_string_actions if name.startswith("--")]
            unknown = [word.partition("=")[0] for word in message.split() if word.startswith("--")]
            near = [match for word in unknown for match in difflib.get_close_matches(word, known, 1)]
            hint = f"did you mean {', '.join(near)}?" if near else f"options: {', '.join(sorted(known))}"
            message = f"{message}; {hint}"
        super().error(message)


def positive_int(text: str) -> int:
    """Parse a whole number above zero."""
    value = int(text) if text.lstrip("+-").isdigit() else 0
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above zero")
    return value


def positive_float(text: str) -> float:
    """Parse a finite number above zero."""
    value = non_negative_float(text)
    if value == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above zero")
    return value


def non_negative_float(text: str) -> float:
    """Parse a finite number that is zero or more."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and value >= 0):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of zero or more")
    return value
