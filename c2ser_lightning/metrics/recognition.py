"""Emotion recognition over a fixed label set, exact under distributed evaluation.

The result classes are not frozen because torchmetrics rebuilds what ``compute`` returns, field by field.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torchmetrics import Metric
from torchmetrics.functional.classification import multiclass_confusion_matrix

from c2ser_lightning.emotions import EMOTION_INDEX
from c2ser_lightning.metrics import functional
from c2ser_lightning.metrics.functional import Interval

UNPARSED = -1
"""Class id of an answer that named no known emotion."""


@dataclass(slots=True)
class ClassScores:
    """Scores of one emotion; recall is NaN when no reference has it."""

    recall: float
    precision: float
    f1: float
    support: int


@dataclass(slots=True)
class RecognitionScores:
    """Everything a test set says of a system.

    Attributes:
        emotions: The fixed label set.
        wa: Weighted accuracy: overall accuracy.
        ua: Unweighted accuracy: mean recall over the classes present.
        macro_f1: Mean F1 over the label set.
        macro_f1_seen: Mean F1 over the labels that a reference has or an answer names, inside the label set or outside.
        unparsed_rate: Share of answers without a known emotion; they count as wrong.
        n: Utterances scored.
        per_class: Scores of each emotion.
        confusion: ``[K][K + 1]`` counts, reference by prediction; the last column is unparsed.
        ci95: 95 % bootstrap intervals over utterances of ``wa``, ``ua`` and ``macro_f1``.
        chance_ua: UA of guessing: one over the classes present.
        ignored: Utterances left out of all scores: unlabelled, or with a reference outside the label set.
    """

    emotions: tuple[str, ...]
    wa: float
    ua: float
    macro_f1: float
    unparsed_rate: float
    n: int
    per_class: dict[str, ClassScores]
    confusion: list[list[int]]
    ci95: dict[str, Interval]
    chance_ua: float
    ignored: int = 0
    macro_f1_seen: float = math.nan


class RecognitionMetrics(Metric):
    """Accumulates confusion counts; ranks add theirs up, so uneven or empty ranks give the single-process result."""

    full_state_update = False
    higher_is_better = True
    counts: Tensor
    ignored: Tensor
    outside: Tensor

    def __init__(self, emotions: Sequence[str]) -> None:
        """Score over a label set.

        Args:
            emotions: Names from the seven emotions. Predictions outside the set count as unparsed; references outside
                it, and unlabelled ones, are ignored and counted.
        """
        super().__init__()
        self.emotions = tuple(emotions)
        columns = torch.full((len(EMOTION_INDEX) + 1,), len(self.emotions))
        for column, emotion in enumerate(self.emotions):
            columns[EMOTION_INDEX[emotion]] = column
        self.register_buffer("columns", columns, persistent=False)
        size = (len(self.emotions), len(self.emotions) + 1)
        self.add_state("counts", torch.zeros(size, dtype=torch.long), dist_reduce_fx="sum")
        self.add_state("outside", torch.zeros(len(EMOTION_INDEX), dtype=torch.long), dist_reduce_fx="sum")
        self.add_state("ignored", torch.zeros((), dtype=torch.long), dist_reduce_fx="sum")

    def update(self, predictions: Tensor, targets: Tensor) -> None:
        """Count a batch.

        Args:
            predictions: ``[B]`` class ids among the seven emotions, :data:`UNPARSED` for none.
            targets: ``[B]`` class ids, -1 for unlabelled.
        """
        columns: Tensor = self.columns  # type: ignore[assignment]
        rows, given = columns[targets], columns[predictions]
        known = rows < len(self.emotions)
        classes = len(self.emotions) + 1
        table = multiclass_confusion_matrix(given[known], rows[known], num_classes=classes)
        self.counts += table[:-1].to(self.counts.device)
        outside = predictions[known & (given == len(self.emotions)) & (predictions >= 0)]
        self.outside += torch.bincount(outside, minlength=len(EMOTION_INDEX)).to(self.outside.device)
        self.ignored += (~known).sum().to(self.ignored.device)

    def compute(self) -> RecognitionScores:
        """Return all scores with their intervals. Ranks and devices agree: the arithmetic is done on the host."""
        counts = self.counts.cpu()
        rows = zip(
            self.emotions,
            functional.recalls(counts).tolist(),
            functional.precisions(counts).tolist(),
            functional.f1_scores(counts).tolist(),
            counts.sum(1).tolist(),
            strict=True,
        )
        present = int((counts.sum(1) > 0).sum())
        return RecognitionScores(
            emotions=self.emotions,
            wa=float(functional.weighted_accuracy(counts)),
            ua=float(functional.unweighted_accuracy(counts)),
            macro_f1=float(functional.macro_f1(counts)),
            macro_f1_seen=float(functional.macro_f1_seen(counts, self.outside.cpu())),
            unparsed_rate=float(functional.unparsed_rate(counts)),
            n=int(counts.sum()),
            per_class={name: ClassScores(*scores) for name, *scores in rows},
            confusion=counts.tolist(),
            ci95=functional.bootstrap_intervals(counts),
            chance_ua=1.0 / max(1, present),
            ignored=int(self.ignored),
        )
