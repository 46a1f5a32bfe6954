import numpy as np

from c2ser_lightning.data.record import Attributes
from tools.inspection.histogram import AXES, Histogram, Histograms, thresholds
from tools.levels import LevelStatistics


def test_counts_as_numpy_has_them():
    values = np.random.default_rng(0).uniform(40, 640, 500)
    made = Histograms()
    for value in values:
        made.add(Attributes(pitch_hz=float(value)))
    expected, _ = np.histogram(values, bins=60, range=(40, 640))
    assert made.of["pitch_hz"].counts == expected.tolist()
    assert sum(made.of["speaking_rate"].counts) == 0


def test_values_beyond_the_range_are_counted_at_its_ends():
    histogram = Histogram(AXES["loudness_lufs"])
    assert histogram.axis.bin_of(-90.0) == 0
    assert histogram.axis.bin_of(3.0) == histogram.axis.bins - 1 == 69


def test_bars_reach_from_the_first_to_the_last_and_to_the_thresholds():
    histogram = Histogram(AXES["speaking_rate"])
    assert histogram.bars() == []
    histogram.counts[4] = 2
    histogram.counts[6] = 1
    assert [(bar.low, bar.high, bar.count, bar.height) for bar in histogram.bars()] == [
        (2.0, 2.5, 2, 1.0),
        (2.5, 3.0, 0, 0.0),
        (3.0, 3.5, 1, 0.5),
    ]
    wide = histogram.bars((1.2, 4.1))
    assert (wide[0].low, wide[-1].high) == (1.0, 4.5)


def test_thresholds_are_mean_and_deviation():
    statistics = LevelStatistics.of([Attributes(pitch_hz=100.0), Attributes(pitch_hz=200.0)])
    assert thresholds(statistics, "pitch_hz") == (100.0, 200.0)
    assert thresholds(statistics, "speaking_rate") is None
