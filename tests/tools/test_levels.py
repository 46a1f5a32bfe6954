import math
from functools import reduce

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from c2ser_lightning.data.record import Attributes, Levels
from tools.levels import LevelStatistics, Moments

values = st.lists(st.floats(-1e4, 1e4), min_size=1, max_size=40)


def moments(numbers):
    return reduce(Moments.add, numbers, Moments())


@given(values)
def test_stream_agrees_with_numpy(numbers):
    made = moments(numbers)
    assert made.count == len(numbers)
    assert made.mean == pytest.approx(np.mean(numbers), abs=1e-6)
    assert made.sd == pytest.approx(np.std(numbers), abs=1e-5)


@given(values, values)
def test_merged_parts_agree_with_the_whole(first, second):
    merged = moments(first).merge(moments(second))
    assert merged.count == len(first) + len(second)
    assert merged.mean == pytest.approx(np.mean(first + second), abs=1e-6)
    assert merged.sd == pytest.approx(np.std(first + second), abs=1e-5)


@given(values)
def test_merging_nothing_changes_nothing(numbers):
    assert moments(numbers).merge(Moments()) == moments(numbers)
    assert Moments().merge(moments(numbers)).sd == pytest.approx(moments(numbers).sd)


def test_a_large_offset_costs_no_precision():
    assert moments([1e9 + 1, 1e9 + 2, 1e9 + 3]).sd == pytest.approx(math.sqrt(2 / 3))


@pytest.mark.parametrize(
    ("value", "level"),
    [(7.99, "low"), (8.0, "medium"), (10.0, "medium"), (12.0, "medium"), (12.01, "high"), (None, None)],
)
def test_level_at_the_edges(value, level):
    assert Moments(count=4, mean=10.0, deviations=16.0).level(value) == level


def test_no_statistics_no_level():
    assert Moments().level(3.0) is None


def test_equal_values_are_all_medium():
    assert moments([0.1] * 7).level(0.1) == "medium"


def test_undefined_values_are_passed_over():
    statistics = LevelStatistics.of([Attributes(100.0, -20.0, None), Attributes(None, -30.0, None)])
    assert (statistics.pitch_hz.count, statistics.loudness_lufs.count, statistics.speaking_rate.count) == (1, 2, 0)
    assert statistics.levels(Attributes(90.0, -31.0, 5.0)) == Levels(pitch="low", loudness="low", rate=None)
