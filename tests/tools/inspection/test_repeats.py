from collections import defaultdict

import numpy as np

from tools.inspection.repeats import Repeats


def test_repeats_as_found_with_a_dictionary():
    draw = np.random.default_rng(0)
    repeats, naive = Repeats(), defaultdict(list)
    for number in range(2000):
        print_ = int(draw.integers(0, 1500)) * (2**64 // 1500)
        repeats.add(print_, number % 7, number * 512)
        naive[print_].append((number % 7, number * 512))
    expected = sorted(places for places in naive.values() if len(places) > 1)
    assert sorted(repeats.groups()) == expected
    assert len(expected) > 300


def test_nothing_and_one_repeat_nothing():
    repeats = Repeats()
    assert list(repeats.groups()) == []
    repeats.add(2**64 - 1, 3, 5)
    assert list(repeats.groups()) == []


def test_large_places_are_kept():
    repeats = Repeats()
    repeats.add(0, 900_000, 2**43)
    repeats.add(0, 0, 512)
    assert list(repeats.groups()) == [[(900_000, 2**43), (0, 512)]]
