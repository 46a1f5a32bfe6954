"""Is one system better than another on the same utterances? McNemar's test and the paired bootstrap."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torchmetrics import Metric

from c2ser_lightning.metrics.functional import METRICS, Interval


@dataclass(slots=True)
class PairedScores:
    """The second system minus the first, on ``n`` utterances that both answered.

    Attributes:
        n: Utterances.
        only_first: Utterances that only the first recognised.
        only_second: Utterances that only the second recognised.
        mcnemar_p: Two-sided exact p of McNemar's test: probability of such a difference in WA by chance.
        difference: Difference of ``wa``, ``ua`` and ``macro_f1``.
        ci95: Paired 95 % bootstrap intervals of the differences.
    """

    n: int
    only_first: int
    only_second: int
    mcnemar_p: float
    difference: dict[str, float]
    ci95: dict[str, Interval]


def mcnemar(only_first: int, only_second: int) -> float:
    """Return the exact two-sided p of McNemar's test (McNemar 1947): ``min(1, 2 P(X <= min(b, c)))``.

    Under the null hypothesis the utterances on which just one system is right fall to either like a fair coin:
    ``X ~ Binomial(b + c, 1 / 2)``.
    """
    n, fewer = only_first + only_second, min(only_first, only_second)
    terms = torch.arange(fewer + 1, dtype=torch.double)
    size = torch.tensor(float(n), dtype=torch.double)
    logs = torch.lgamma(size + 1) - torch.lgamma(terms + 1) - torch.lgamma(size - terms + 1) - n * np.log(2.0)
    return min(1.0, 2.0 * float(logs.exp().sum()))


def paired_intervals(
    counts: Tensor, *, resamples: int = 1000, seed: int = 0, level: float = 0.95
) -> dict[str, Interval]:
    """Return percentile bootstrap intervals of the second system's WA, UA and Macro-F1 minus the first's.

    Utterances are drawn with both answers together (Efron and Tibshirani 1993, chapter 16), which is a multinomial over
    the cells.

    Args:
        counts: ``[K, K + 1, K + 1]`` utterances by reference, first answer and second answer.
        resamples: Bootstrap samples.
        seed: Seed of the draws.
        level: Coverage.
    """
    total = int(counts.sum())
    if not total:
        return dict.fromkeys(METRICS, (0.0, 0.0))
    shares = counts.flatten().double().cpu().numpy() / total
    filled = np.flatnonzero(shares)
    draws = np.zeros((resamples, shares.size))
    draws[:, filled] = np.random.default_rng(seed).multinomial(total, shares[filled], size=resamples)
    tables = torch.from_numpy(draws).view(resamples, *counts.shape)
    tail = (1.0 - level) / 2.0
    quantiles = torch.tensor([tail, 1.0 - tail], dtype=torch.double)
    bounds = {name: values.quantile(quantiles).tolist() for name, values in _differences(tables).items()}
    return {name: (low, high) for name, (low, high) in bounds.items()}


class PairedComparison(Metric):
    """Counts utterances by reference and both answers; ranks add theirs up."""

    full_state_update = False
    counts: Tensor

    def __init__(self, classes: int) -> None:
        """Compare over ``classes`` emotions."""
        super().__init__()
        size = (classes, classes + 1, classes + 1)
        self.add_state("counts", torch.zeros(size, dtype=torch.long), dist_reduce_fx="sum")

    def update(self, first: Tensor, second: Tensor, references: Tensor) -> None:
        """Count a batch: two systems' answers ``[B]``, K for unparsed, and references ``[B]`` below K."""
        size = self.counts.shape
        cells = (references * size[1] + first) * size[2] + second
        self.counts += torch.bincount(cells.flatten(), minlength=self.counts.numel()).view(size)

    def compute(self) -> PairedScores:
        """Return differences, intervals and McNemar's p."""
        counts = self.counts.cpu()
        classes = torch.arange(len(counts))
        of_first, of_second = counts.sum(2)[classes, classes].sum(), counts.sum(1)[classes, classes].sum()
        both = counts[classes, classes, classes].sum()
        only_first, only_second = int(of_first - both), int(of_second - both)
        difference = {name: float(value) for name, value in _differences(counts).items()}
        p = mcnemar(only_first, only_second)
        return PairedScores(int(counts.sum()), only_first, only_second, p, difference, paired_intervals(counts))


def columns(names: Sequence[str | None], emotions: Sequence[str]) -> Tensor:
    """Return the column ``[B]`` of each answer over a label set; unknown and outside answers are K: unparsed."""
    place = {emotion: number for number, emotion in enumerate(emotions)}
    return torch.tensor([place.get(name or "", len(emotions)) for name in names], dtype=torch.long)


def _differences(counts: Tensor) -> dict[str, Tensor]:
    first, second = counts.sum(-1), counts.sum(-2)
    return {name: metric(second) - metric(first) for name, metric in METRICS.items()}
