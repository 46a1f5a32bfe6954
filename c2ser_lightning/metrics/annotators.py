"""Scores that know of annotators' disagreement (Reasoning Beyond Majority Vote, section 3).

Annotator-aware: an answer is right if and only if it is in ``A_i``, the union of all annotators' labels of utterance i.
A hit counts as a true positive of the answered emotion; a miss counts against the utterance's reference, as always.
Strict majority: the utterances of which one label has more than half of all votes, with that label as reference.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torchmetrics import Metric

from c2ser_lightning.emotions import EMOTION_INDEX
from c2ser_lightning.metrics import functional
from c2ser_lightning.metrics.exact import from_units, to_units
from c2ser_lightning.metrics.functional import Interval, bootstrap_intervals


@dataclass(slots=True)
class SubsetScores:
    """WA, UA and Macro-F1 of ``n`` utterances, with 95 % bootstrap intervals over utterances."""

    n: int
    wa: float
    ua: float
    macro_f1: float
    ci95: dict[str, Interval]


@dataclass(slots=True)
class AnnotatorScores:
    """Scores over the utterances whose annotators' votes are known.

    Attributes:
        any_annotator: A hit on any annotator's label is right.
        strict_majority: Only utterances of which one label has more than half of the votes.
        agreement: Mean share of the votes that the reference has: how much annotators agree with it.
    """

    any_annotator: SubsetScores
    strict_majority: SubsetScores
    agreement: float


def annotator_aware_references(predictions: Tensor, references: Tensor, votes: Tensor) -> Tensor:
    """Return ``[B]`` references that equal the prediction wherever an annotator gave it (``predictions`` in ``A_i``).

    Args:
        predictions: ``[B]`` class ids, negative for none.
        references: ``[B]`` class ids.
        votes: ``[B, K]`` votes for each class.
    """
    given = votes.gather(1, predictions.clamp_min(0).unsqueeze(1)).squeeze(1) > 0
    return torch.where(given & (predictions >= 0), predictions, references)


def strict_majority(votes: Tensor) -> Tensor:
    """Return ``[B]`` the class with more than half of all votes ``[B, V]``, -1 where none has."""
    best = votes.argmax(1)
    return torch.where(2 * votes.max(1).values > votes.sum(1), best, -1)


class AnnotatorMetrics(Metric):
    """Accumulates both confusion tables over utterances with votes; exact over any number of ranks."""

    full_state_update = False
    by_any: Tensor
    by_majority: Tensor
    agreed: Tensor

    def __init__(self, emotions: Sequence[str]) -> None:
        """Score over a label set of names from the seven emotions."""
        super().__init__()
        self.emotions = tuple(emotions)
        self.members = torch.tensor([EMOTION_INDEX[emotion] for emotion in self.emotions])
        size = (len(self.emotions), len(self.emotions) + 1)
        self.add_state("by_any", torch.zeros(size, dtype=torch.long), dist_reduce_fx="sum")
        self.add_state("by_majority", torch.zeros(size, dtype=torch.long), dist_reduce_fx="sum")
        self.add_state("agreed", torch.zeros(2, dtype=torch.long), dist_reduce_fx="sum")

    def update(self, predictions: Tensor, references: Tensor, votes: Tensor) -> None:
        """Count a batch; rows without votes, and references outside the label set, are passed over.

        Args:
            predictions: ``[B]`` class ids among the seven emotions, -1 for none.
            references: ``[B]`` class ids, -1 for unlabelled.
            votes: ``[B, 8]`` votes for the seven emotions and for anything else.
        """
        known = (votes.sum(1) > 0) & torch.isin(references, self.members)
        predictions, references, votes = predictions[known], references[known], votes[known]
        if not len(votes):
            return
        aware = annotator_aware_references(predictions, references, votes[:, :-1])
        self.by_any += self._table(predictions, aware).to(self.by_any.device)
        self.by_majority += self._table(predictions, strict_majority(votes)).to(self.by_any.device)
        own = votes.gather(1, references.unsqueeze(1)).squeeze(1).double() / votes.sum(1)
        self.agreed += torch.stack([to_units(own).sum(), known.sum()]).to(self.agreed.device)

    def _table(self, predictions: Tensor, references: Tensor) -> Tensor:
        """Return ``[K, K + 1]`` counts over the rows whose reference is in the label set."""
        columns = torch.full((9,), len(self.emotions))  # the seven, anything else, and -1 at the end
        columns[self.members] = torch.arange(len(self.emotions))
        rows, given = columns[references.cpu()], columns[predictions.cpu()]
        cells = (rows * (len(self.emotions) + 1) + given)[rows < len(self.emotions)]
        size = (len(self.emotions), len(self.emotions) + 1)
        return torch.bincount(cells, minlength=size[0] * size[1]).view(size)

    def compute(self) -> AnnotatorScores | None:
        """Return the scores, ``None`` when no utterance had votes."""
        shares, count = self.agreed.tolist()
        if not count:
            return None
        agreement = float(from_units(torch.tensor(shares))) / count
        return AnnotatorScores(_scores(self.by_any.cpu()), _scores(self.by_majority.cpu()), agreement)


def _scores(counts: Tensor) -> SubsetScores:
    return SubsetScores(
        n=int(counts.sum()),
        wa=float(functional.weighted_accuracy(counts)),
        ua=float(functional.unweighted_accuracy(counts)),
        macro_f1=float(functional.macro_f1(counts)),
        ci95=bootstrap_intervals(counts),
    )
