"""Against the plain definitions: UA of each seed by scikit-learn, and a bootstrap written as a loop."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score

from c2ser_lightning.emotions import EMOTIONS
from c2ser_lightning.metrics.efficiency import EfficiencyScores
from c2ser_lightning.report.further import FurtherScores
from c2ser_lightning.report.predictions import Prediction
from tests.results import result
from tests.shards import record
from tools.studies.outcomes import StudyError, outcomes, resamples


def answered(seed: int, accuracy: float, count: int = 60):
    draw = np.random.default_rng(seed)
    rows = []
    for number in range(count):
        item = record(number, 1.0, emotion=EMOTIONS[(number * number) % 5])
        wrong = EMOTIONS[int(draw.integers(7))]
        rows.append(Prediction.of(item, item.emotion if draw.random() < accuracy else wrong))
    return result(rows=rows)


@pytest.fixture
def results():
    return {"base": [answered(seed, 0.4) for seed in (1, 2)], "better": [answered(seed, 0.8) for seed in (3, 4)]}


def ua(run, keys=None) -> float:
    by_key = {row.key: row for row in run.predictions}
    rows = [by_key[key] for key in keys] if keys is not None else run.predictions
    with np.errstate(all="ignore"):
        return float(
            np.mean([np.mean([row.correct for row in rows if row.emotion == one]) for one in {r.emotion for r in rows}])
        )


def test_means_over_seeds_and_gains_are_those_of_the_seeds(results):
    base, better = outcomes(results, "base", ["anger"])
    seeds = [
        balanced_accuracy_score([r.emotion for r in run.predictions], [r.predicted for r in run.predictions])
        for run in results["better"]
    ]
    assert better.ua_of_seeds == pytest.approx(seeds)
    assert better.ua == pytest.approx((np.mean(seeds), np.std(seeds, ddof=1)))
    assert better.gain == pytest.approx(np.mean(seeds) - base.ua[0])
    assert base.gain is None
    assert better.recall["anger"] == pytest.approx(
        np.mean([run.scores.per_class["anger"].recall for run in results["better"]])
    )


def test_intervals_are_those_of_a_bootstrap_over_utterances_written_as_a_loop(results):
    base, better = outcomes(results, "base", [])
    keys = sorted(row.key for row in results["base"][0].predictions)
    own, gains = [], []
    for drawn in resamples(len(keys))[:600]:
        chosen = [key for key, times in zip(keys, drawn, strict=True) for _ in range(int(times))]
        scores = {name: np.mean([ua(run, chosen) for run in runs]) for name, runs in results.items()}
        own.append(scores["better"])
        gains.append(scores["better"] - scores["base"])
    assert better.ua_ci95 == pytest.approx(np.quantile(own, [0.025, 0.975]), abs=0.015)
    assert better.gain_ci95 == pytest.approx(np.quantile(gains, [0.025, 0.975]), abs=0.02)
    assert base.ua_ci95[0] < base.ua[0] < base.ua_ci95[1]


def test_tokens_and_latency_are_means_over_seeds_where_measured(results):
    cost = EfficiencyScores(60, 6.0, 0.1, 0.8, 0.9, 0.1, 42.0, 8.0)
    results["better"] = [
        replace(run, further=FurtherScores(efficiency=replace(cost, tokens_per_answer=tokens)))
        for run, tokens in zip(results["better"], (40.0, 50.0), strict=True)
    ]
    base, better = outcomes(results, "base", [])
    assert (better.tokens, better.latency) == (pytest.approx(45.0), pytest.approx(0.8))
    assert (base.tokens, base.latency) == (None, None)


def test_runs_on_other_utterances_are_not_compared(results):
    short = answered(5, 0.5, count=59)
    with pytest.raises(StudyError, match="'better' and 'base' were not tested on the same utterances"):
        outcomes({**results, "better": [short, short]}, "base", [])
    with pytest.raises(StudyError, match="the seeds of 'base'"):
        outcomes({"base": [results["base"][0], short]}, "base", [])
