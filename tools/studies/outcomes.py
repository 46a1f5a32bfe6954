"""What a variant's runs say together: means over seeds, and intervals over the utterances that all were tested on."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from c2ser_lightning.report.predictions import Prediction
from c2ser_lightning.report.results import Result

Spread = tuple[float, float]
"""Mean and standard deviation over seeds; the latter is 0 for one seed."""
Bounds = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Outcome:
    """One row of a study's table.

    Attributes:
        variant: Its name.
        n: Test utterances.
        ua: Unweighted accuracy over seeds.
        ua_of_seeds: That of each seed.
        ua_ci95: 95 % bootstrap interval over utterances of the mean over seeds.
        wa: Accuracy over seeds.
        macro_f1: Macro-F1 over seeds.
        recall: Mean recall of the emotions with a column of their own.
        unparsed_rate: Share of answers without a known emotion, mean over seeds.
        tokens: Tokens of an answer, mean over seeds; ``None`` when labels were scored.
        latency: Seconds that an answer's batch took, median, mean over seeds; ``None`` when it was not measured.
        gain: UA minus the baseline's, means over seeds; ``None`` for the baseline itself.
        gain_ci95: Its 95 % interval, both tested on the same draws of utterances.
    """

    variant: str
    n: int
    ua: Spread
    ua_of_seeds: tuple[float, ...]
    ua_ci95: Bounds
    wa: Spread
    macro_f1: Spread
    recall: dict[str, float]
    unparsed_rate: float
    tokens: float | None
    latency: float | None
    gain: float | None = None
    gain_ci95: Bounds | None = None


class StudyError(RuntimeError):
    """Runs cannot be compared; the message says which."""


def outcomes(results: dict[str, list[Result]], baseline: str, recall_of: Sequence[str]) -> list[Outcome]:
    """Compare variants.

    Args:
        results: The tested runs of each variant, one for each seed.
        baseline: The variant that the others are compared with.
        recall_of: Emotions whose recall is wanted.

    Raises:
        StudyError: Two runs were not tested on the same utterances.
    """
    tables = {name: _Tested.of(name, runs) for name, runs in results.items()}
    reference = tables[baseline]
    for table in tables.values():
        if table.keys != reference.keys:
            raise StudyError(f"{table.name!r} and {baseline!r} were not tested on the same utterances; test them again")
    weights = resamples(len(reference.keys))
    return [_outcome(results[name], table, reference, weights, recall_of) for name, table in tables.items()]


def resamples(utterances: int, count: int = 2000, seed: int = 0) -> NDArray[np.float64]:
    """Return how often each utterance is drawn in each bootstrap sample, ``[R, N]``."""
    return np.random.default_rng(seed).multinomial(utterances, np.full(utterances, 1 / utterances), count).astype(float)


@dataclass(frozen=True, slots=True)
class _Tested:
    """Which utterances a variant was tested on, and how often over its seeds it was right, ``[N]`` in [0, 1]."""

    name: str
    keys: tuple[str, ...]
    emotions: tuple[str, ...]
    right: NDArray[np.float64]

    @classmethod
    def of(cls, name: str, runs: Sequence[Result]) -> "_Tested":
        rows = [{f"{row.corpus}/{row.key}": row for row in run.predictions if row.emotion} for run in runs]
        keys = tuple(sorted(rows[0]))
        if any(set(one) != set(keys) for one in rows):
            raise StudyError(f"the seeds of {name!r} were not tested on the same utterances; test them again")
        right = np.array([[one[key].correct for key in keys] for one in rows]).mean(axis=0)
        return cls(name, keys, tuple(_emotion(rows[0][key]) for key in keys), right)

    def ua(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return UA, averaged over seeds, under weights of utterances ``[R, N]``: ``[R]``.

        UA is a mean of recalls and a recall a mean of hits, so UA's mean over seeds is the UA of mean hits.
        """
        recalls = []
        for emotion in sorted(set(self.emotions)):
            members = np.array([one == emotion for one in self.emotions])
            drawn = weights[:, members].sum(axis=1)
            hits = weights[:, members] @ self.right[members]
            recalls.append(np.divide(hits, drawn, out=np.full(len(drawn), np.nan), where=drawn > 0))
        return np.asarray(np.nanmean(recalls, axis=0))


def _emotion(row: Prediction) -> str:
    assert row.emotion is not None
    return row.emotion


def _outcome(
    runs: Sequence[Result],
    table: _Tested,
    reference: _Tested,
    weights: NDArray[np.float64],
    recall_of: Sequence[str],
) -> Outcome:
    scores = [run.scores for run in runs]
    once = np.ones((1, len(table.keys)))
    other = table is not reference
    costs = [run.further.efficiency for run in runs if run.further.efficiency is not None]
    tokens = [cost.tokens_per_answer for cost in costs if cost.tokens_per_answer]
    return Outcome(
        variant=table.name,
        n=len(table.keys),
        ua=_spread([one.ua for one in scores]),
        ua_of_seeds=tuple(one.ua for one in scores),
        ua_ci95=_bounds(table.ua(weights)),
        wa=_spread([one.wa for one in scores]),
        macro_f1=_spread([one.macro_f1 for one in scores]),
        recall={emotion: statistics.fmean(one.per_class[emotion].recall for one in scores) for emotion in recall_of},
        unparsed_rate=statistics.fmean(one.unparsed_rate for one in scores),
        tokens=statistics.fmean(tokens) if tokens else None,
        latency=statistics.fmean(cost.latency_median for cost in costs) if costs else None,
        gain=float((table.ua(once) - reference.ua(once))[0]) if other else None,
        gain_ci95=_bounds(table.ua(weights) - reference.ua(weights)) if other else None,
    )


def _spread(values: Sequence[float]) -> Spread:
    return statistics.fmean(values), statistics.stdev(values) if len(values) > 1 else 0.0


def _bounds(values: NDArray[np.float64]) -> Bounds:
    low, high = np.nanquantile(values, [0.025, 0.975])
    return float(low), float(high)
