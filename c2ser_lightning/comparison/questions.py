"""What the comparison systems are asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from c2ser_lightning.data.record import UtteranceRecord
from c2ser_lightning.text.prompts import EXPLICIT_PROMPT, IMPLICIT_PROMPT

Style = Literal["zero_shot", "explicit", "implicit"]

LABELS, TRANSCRIPT = "{labels}", "{transcript}"

ZERO_SHOT_QUESTION = (
    "What emotion does the speaker convey? Choose one of these labels and answer with the label only: {labels}."
)
TRANSCRIPT_QUESTION = (
    'Someone said: "{transcript}"\nWhat emotion does the speaker convey? Choose one of these labels and answer with '
    "the label only: {labels}."
)


@dataclass
class Questions:
    """The three questions to an audio language model, each in one wording or several, of which the first is asked.

    ``{labels}`` stands for the label set.

    Attributes:
        zero_shot: A plain question. The paper does not print the one behind its Table VI; this wording is ours.
        explicit: C2SER's own question for a chain of thought (Table VII: "the exact text instructions").
        implicit: C2SER's own question for a direct answer.
    """

    zero_shot: str | list[str] = ZERO_SHOT_QUESTION
    explicit: str | list[str] = EXPLICIT_PROMPT
    implicit: str | list[str] = IMPLICIT_PROMPT

    def wordings(self, style: Style) -> list[str]:
        """Return all wordings of a question."""
        return as_list(getattr(self, style))

    def wording(self, style: Style, emotions: Sequence[str]) -> str:
        """Return a question about a label set."""
        return with_labels(self.wordings(style)[0], emotions)


def as_list(wordings: str | list[str]) -> list[str]:
    """Return one wording or several as a list."""
    return [wordings] if isinstance(wordings, str) else wordings


def with_labels(question: str, emotions: Sequence[str]) -> str:
    """Write the label set into a question."""
    return question.replace(LABELS, ", ".join(emotions))


def reference_text(record: UtteranceRecord, style: Style) -> str:
    """Return the text of the shards that answers such a question."""
    return (record.explicit if style == "explicit" else record.implicit) or ""
