"""WA, UA and Macro-F1 as functions of confusion counts, and bootstrap intervals of them.

Counts are a matrix ``[K, K + 1]``: rows are reference emotions, columns predicted ones, and the last column holds
answers that named no known emotion. Such an answer is wrong for its reference and is nobody's false positive.
"""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

Interval = tuple[float, float]


def weighted_accuracy(counts: Tensor) -> Tensor:
    """Return overall accuracy (WA): correct over all utterances; 0 without utterances. Batches ``[..., K, K + 1]``."""
    total = counts.sum((-2, -1))
    return _ratio(_hits(counts).sum(-1), total)


def recalls(counts: Tensor) -> Tensor:
    """Return the recall of each class ``[..., K]``; NaN for a class that no reference has."""
    support = counts.sum(-1)
    return torch.where(support > 0, _ratio(_hits(counts), support), torch.nan)


def unweighted_accuracy(counts: Tensor) -> Tensor:
    """Return the mean recall over the classes that references have (UA); 0 without utterances."""
    return recalls(counts).nanmean(-1).nan_to_num(0.0)


def precisions(counts: Tensor) -> Tensor:
    """Return the precision of each class ``[..., K]``; 0 for a class never predicted."""
    return _ratio(_hits(counts), counts[..., :-1].sum(-2))


def f1_scores(counts: Tensor) -> Tensor:
    """Return the F1 of each class ``[..., K]``: 2 TP / (2 TP + FP + FN); 0 where that is 0 / 0."""
    hits = _hits(counts)
    return _ratio(2.0 * hits, counts.sum(-1) + counts[..., :-1].sum(-2))


def macro_f1(counts: Tensor) -> Tensor:
    """Return the mean F1 over the whole, fixed label set (Macro-F1), as scikit-learn does with ``labels`` given."""
    return f1_scores(counts).mean(-1)


def macro_f1_seen(counts: Tensor, outside: Tensor | None = None) -> Tensor:
    """Return the mean F1 over the labels seen: those that a reference has or an answer names (Macro-F1, labels seen).

    scikit-learn averages so when no ``labels`` are given. The paper's figures imply it: on the five labels of ESD
    (Table VI) a UA of 96.33 stands beside a Macro-F1 of 81.62, about five sixths, as if some
    answer had named a sixth label.

    Args:
        counts: ``[..., K, K + 1]``.
        outside: ``[E]`` how often answers named emotions outside the label set; each that occurs adds an F1 of 0.
    """
    seen = (counts.sum(-1) + counts[..., :-1].sum(-2)) > 0
    further = 0 if outside is None else int((outside > 0).sum())
    return _ratio(f1_scores(counts).sum(-1), seen.sum(-1) + further)


def unparsed_rate(counts: Tensor) -> Tensor:
    """Return the share of answers that named no known emotion."""
    return _ratio(counts[..., -1].sum(-1), counts.sum((-2, -1)))


METRICS: dict[str, Callable[[Tensor], Tensor]] = {
    "wa": weighted_accuracy,
    "ua": unweighted_accuracy,
    "macro_f1": macro_f1,
}


def confusion_counts(predictions: Tensor, references: Tensor, classes: int) -> Tensor:
    """Count answers ``[B]`` against references ``[B]``, both ids below ``classes``: ``[K, K + 1]``, none unparsed."""
    cells = references * (classes + 1) + predictions
    return torch.bincount(cells, minlength=classes * (classes + 1)).view(classes, classes + 1)


def bootstrap_intervals(
    counts: Tensor, *, resamples: int = 1000, seed: int = 0, level: float = 0.95
) -> dict[str, Interval]:
    """Return percentile bootstrap intervals of WA, UA and Macro-F1.

    Drawing n utterances with replacement and counting their cells is the same as drawing the cells from a multinomial
    with the observed shares, so only the counts are needed, and the time does not grow with n.

    Args:
        counts: ``[K, K + 1]``, or those of F folds ``[F, K, K + 1]``: each is resampled on its own, and the interval
            is that of the mean over folds.
        resamples: Bootstrap samples.
        seed: Seed of the draws.
        level: Coverage.
    """
    folds = [fold for fold in (counts if counts.ndim == 3 else counts[None]) if int(fold.sum())]
    if not folds:
        return dict.fromkeys(METRICS, (0.0, 0.0))
    generator = np.random.default_rng(seed)
    tables = torch.stack([_resampled(fold, resamples, generator) for fold in folds])
    tail = (1.0 - level) / 2.0
    quantiles = torch.tensor([tail, 1.0 - tail], dtype=torch.double)
    bounds = {name: metric(tables).mean(0).quantile(quantiles).tolist() for name, metric in METRICS.items()}
    return {name: (low, high) for name, (low, high) in bounds.items()}


def _resampled(counts: Tensor, resamples: int, generator: np.random.Generator) -> Tensor:
    """Draw ``[R, K, K + 1]`` counts like the given ones."""
    total = int(counts.sum())
    shares = counts.flatten().double().cpu().numpy() / total
    cells = generator.multinomial(total, shares, size=resamples)
    return torch.from_numpy(cells).view(resamples, *counts.shape)


def _hits(counts: Tensor) -> Tensor:
    return counts[..., :-1].diagonal(dim1=-2, dim2=-1).double()


def _ratio(numerator: Tensor, denominator: Tensor) -> Tensor:
    return torch.where(denominator > 0, numerator.double() / denominator.clamp_min(1), 0.0)
