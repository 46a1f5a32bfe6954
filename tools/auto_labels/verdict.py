"""What one labeller says of an utterance."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Verdict:
    """A label with its confidence, or the reason for having none.

    Attributes:
        emotion: One of the seven, or ``None``.
        confidence: Between 0 and 1; of the speech labeller its probability, of the words' the share of answers.
        reason: Ledger category when there is no emotion.
        detail: The same for a person.
    """

    emotion: str | None
    confidence: float = 0.0
    reason: str = ""
    detail: str = ""

    def __str__(self) -> str:
        """Say it in a few words."""
        return f"{self.emotion} {self.confidence:.2f}" if self.emotion else self.detail or self.reason
