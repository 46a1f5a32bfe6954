import numpy as np
import pytest

from c2ser_lightning.metrics.efficiency import EfficiencyMetrics


def test_latency_is_that_of_an_answers_batch():
    metric = EfficiencyMetrics()
    metric.update(1.0, 3, 6.0, 30)
    metric.update(0.5, 0, 0.0, 0)  # a batch of which nothing could be decoded
    metric.update(4.0, 1, 2.0, 50)
    scores = metric.compute()
    assert (scores.n, scores.seconds, scores.seconds_per_answer) == (4, 5.0, 1.25)
    assert (scores.latency_median, scores.latency_p95) == pytest.approx(np.quantile([1, 1, 1, 4], [0.5, 0.95]))
    assert (scores.real_time_factor, scores.tokens_per_answer, scores.batch) == (5 / 8, 20.0, 2.0)


def test_without_answers_there_are_no_scores():
    assert EfficiencyMetrics().compute() is None
