"""What a probe did: one fold, and all folds of a corpus together."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import torch
from torch import Tensor

from c2ser_lightning.metrics.functional import METRICS, Interval, bootstrap_intervals, recalls
from tools.probing.fitting import Trial


@dataclass(frozen=True, slots=True)
class FoldOutcome:
    """One fold of one upstream.

    Attributes:
        fold: Its name.
        counts: Test confusion ``[K][K + 1]``.
        trials: Every grid point with its validation score.
        chosen: The grid point that was tested.
        used: Utterances with features, of train, validation and test.
        listed: Utterances of the test list, with and without features.
    """

    fold: str
    counts: list[list[int]]
    trials: list[Trial]
    chosen: Trial
    used: dict[str, int]
    listed: int

    @classmethod
    def from_dict(cls, fields: dict[str, Any]) -> Self:
        """Rebuild from ``dataclasses.asdict``."""
        trials = [Trial(**trial) for trial in fields["trials"]]
        return cls(**{**fields, "trials": trials, "chosen": Trial(**fields["chosen"])})

    @property
    def table(self) -> Tensor:
        """The counts as a tensor."""
        return torch.tensor(self.counts)


@dataclass(frozen=True, slots=True)
class Spread:
    """A score over folds: mean, standard deviation (``None`` for a single fold), and 95 % interval of the mean."""

    mean: float
    sd: float | None
    interval: Interval


@dataclass(frozen=True, slots=True)
class Row:
    """One upstream on one corpus.

    Attributes:
        upstream: Its name.
        source: Where it came from.
        labels: The label set.
        folds: Its folds.
        scores: ``wa``, ``ua`` and ``macro_f1`` over folds.
        recall: Recall of each label: mean over the folds whose test has it, and standard deviation over them.
    """

    upstream: str
    source: str
    labels: tuple[str, ...]
    folds: list[FoldOutcome]
    scores: dict[str, Spread] = field(init=False)
    recall: dict[str, tuple[float, float]] = field(init=False)

    def __post_init__(self) -> None:
        """Summarise the folds."""
        counts = torch.stack([fold.table for fold in self.folds])
        object.__setattr__(self, "scores", _scores(counts))
        columns = recalls(counts).T.tolist()
        object.__setattr__(
            self, "recall", {label: _spread(values) for label, values in zip(self.labels, columns, strict=True)}
        )

    @property
    def used(self) -> int:
        """Test utterances that were scored."""
        return sum(fold.used["test"] for fold in self.folds)

    @property
    def listed(self) -> int:
        """Test utterances that the folds list."""
        return sum(fold.listed for fold in self.folds)


def _scores(counts: Tensor) -> dict[str, Spread]:
    intervals = bootstrap_intervals(counts)
    values = {name: metric(counts).tolist() for name, metric in METRICS.items()}
    return {name: Spread(*_mean_sd(each), intervals[name]) for name, each in values.items()}


def _mean_sd(values: Sequence[float]) -> tuple[float, float | None]:
    return statistics.fmean(values), statistics.stdev(values) if len(values) > 1 else None


def _spread(values: Sequence[float]) -> tuple[float, float]:
    known = [value for value in values if value == value]  # noqa: PLR0124 - NaN: no utterance of that label
    if not known:
        return 0.0, 0.0
    mean, sd = _mean_sd(known)
    return mean, sd or 0.0
