"""What systems that are asked in words have in common: wordings, and one of them in use."""

from typing import Protocol, runtime_checkable


@runtime_checkable
class Prompted(Protocol):
    """A Recognizer whose answers depend on how it is asked; ``tools.prompt_sensitivity`` works with any of them.

    Nothing has to be inherited: a Recognizer with these two members is one.
    """

    def wordings(self) -> list[str]:
        """Return the configured wordings of the question that is asked now; the first is used unless told otherwise."""
        ...

    def ask_with(self, wording: str) -> None:
        """Ask every utterance from now on in this wording."""
        ...
