"""One row of ``predictions.jsonl``: what was asked, what was right, what was answered."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Self

from c2ser_lightning.data.record import Levels, UtteranceRecord


class PredictionFileError(ValueError):
    """A predictions file cannot be read; the message names file and line."""


@dataclass(frozen=True, slots=True)
class Prediction:
    """A system's answer to one utterance.

    Attributes:
        key: Utterance key.
        corpus: Corpus name.
        speaker: Speaker id.
        language: ISO 639-1 code.
        duration: Seconds.
        transcript: Reference transcript.
        emotion: Reference emotion, or ``None`` when unlabelled.
        predicted: Recognised emotion, or ``None`` when the answer named none.
        answer: Generated text; empty when labels were scored.
        probabilities: Probability of each emotion when labels were scored.
        reference: Reference text (rationale or short answer).
        levels: Measured style as levels.
        votes: How many annotators chose each emotion (or ``other``), where the corpus publishes votes.
        tokens: Tokens of the generated answer; 0 when labels were scored.
        heard: The words as the system itself recognised them; ``None`` for systems that write no transcript.
    """

    key: str
    corpus: str
    speaker: str
    language: str
    duration: float
    transcript: str
    emotion: str | None
    predicted: str | None
    answer: str = ""
    probabilities: dict[str, float] | None = None
    reference: str = ""
    levels: Levels = field(default_factory=Levels)
    votes: dict[str, int] = field(default_factory=dict)
    tokens: int = 0
    heard: str | None = None

    @classmethod
    def of(
        cls,
        record: UtteranceRecord,
        predicted: str | None,
        *,
        answer: str = "",
        probabilities: dict[str, float] | None = None,
        reference: str = "",
        tokens: int = 0,
        heard: str | None = None,
    ) -> Self:
        """Build from an utterance's record and what was answered."""
        return cls(
            key=record.key,
            corpus=record.corpus,
            speaker=record.speaker,
            language=record.language,
            duration=record.duration,
            transcript=record.transcript,
            emotion=record.emotion,
            predicted=predicted,
            answer=answer,
            probabilities=probabilities,
            reference=reference,
            levels=record.levels,
            votes=dict(record.votes),
            tokens=tokens,
            heard=heard,
        )

    @classmethod
    def scored(
        cls,
        record: UtteranceRecord,
        probabilities: dict[str, float],
        *,
        reference: str = "",
        heard: str | None = None,
    ) -> Self:
        """Build from probabilities; the most probable emotion is predicted."""
        best = max(probabilities, key=lambda emotion: probabilities[emotion])
        return cls.of(record, best, probabilities=probabilities, reference=reference, heard=heard)

    def to(self, *_device: object, **_options: object) -> Self:
        """Return itself: there is nothing to move, and Lightning would try to rebuild a frozen dataclass."""
        return self

    @property
    def correct(self) -> bool:
        """Whether the recognised emotion is the reference."""
        return self.emotion is not None and self.predicted == self.emotion


def write_predictions(path: Path, predictions: Iterable[Prediction]) -> None:
    """Write one JSON object a line, replacing the file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = (json.dumps(asdict(prediction), ensure_ascii=False) + "\n" for prediction in predictions)
    path.write_text("".join(lines), encoding="utf-8")


def read_predictions(path: Path) -> list[Prediction]:
    """Read what :func:`write_predictions` wrote.

    Raises:
        PredictionFileError: A line is no prediction.
    """
    predictions = []
    lines = path.read_text(encoding="utf-8").split("\n")  # splitlines would also cut at U+2028 inside a transcript
    for number, line in enumerate(lines, start=1):
        if not line:
            continue
        try:
            fields = json.loads(line)
            predictions.append(Prediction(**{**fields, "levels": Levels(**fields.get("levels", {}))}))
        except (ValueError, TypeError) as error:
            raise PredictionFileError(f"{path}, line {number}: not a prediction: {error}") from error
    return predictions
