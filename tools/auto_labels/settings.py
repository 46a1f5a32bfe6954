"""How speech and words are labelled."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

SAMPLES = 5
TEMPERATURE = 0.7
LONGEST_ANSWER = 32


@dataclass(frozen=True, slots=True)
class SpeechSettings:
    """The speech labeller.

    Attributes:
        checkpoint: A released emotion2vec file with a classifier, or a checkpoint of an EmotionProbe.
        encoder: The frozen encoder that a probe was trained on; a released file holds its own.
        labels: File of a released classifier's labels, one a line; ``tokens.txt`` beside it when there is one.
        normalize: What a probe's features were normalised over; its checkpoint does not say.
        device: ``cpu``, ``cuda``, ``cuda:1``; empty for a GPU when there is one.
        batch_size: Utterances that are encoded together.
        workers: Threads that decode sound ahead.
        min_seconds: Shorter clips are left out.
        max_seconds: Longer clips are left out (paper IV-A: 20 s).
    """

    checkpoint: Path
    encoder: Path | None = None
    labels: Path | None = None
    normalize: Literal["frame", "utterance"] = "frame"
    device: str = ""
    batch_size: int = 16
    workers: int = 2
    min_seconds: float = 0.2
    max_seconds: float = 20.0
