"""Alpha against Krippendorff's own examples, and against every pair counted by hand."""

import random
from itertools import combinations

import pytest

from tools.emo_emilia.krippendorff import nominal_alpha


def units(*reviewers: str) -> list[list[str | None]]:
    return [[None if value == "." else value for value in unit] for unit in zip(*reviewers, strict=True)]


def test_published_examples():
    # Krippendorff, Computing Krippendorff's alpha-reliability (2011), A to C; the last has missing values.
    assert nominal_alpha(units("0100000000", "1110010010")) == pytest.approx(0.095, abs=5e-4)
    assert nominal_alpha(units("aabbdcccedda", "babbbccceddd")) == pytest.approx(0.692, abs=5e-4)
    four = units("123321412...", "1233224125.3", ".3332342251.", "12332441251.")
    assert nominal_alpha(four) == pytest.approx(0.743, abs=5e-4)


def naive(data):
    """Mean disagreement within units over mean disagreement of all pairable values, pair by pair."""
    pairable = [[value for value in unit if value is not None] for unit in data]
    pairable = [unit for unit in pairable if len(unit) > 1]
    everything = [value for unit in pairable for value in unit]
    observed = sum(2 * sum(a != b for a, b in combinations(unit, 2)) / (len(unit) - 1) for unit in pairable) / len(
        everything
    )
    pairs = list(combinations(everything, 2))
    return 1 - observed / (sum(a != b for a, b in pairs) / len(pairs))


def test_against_a_naive_count():
    draw = random.Random(1)
    for _ in range(50):
        data = [[draw.choice(["a", "b", "c", None]) for _ in range(4)] for _ in range(draw.randint(4, 20))]
        assert nominal_alpha(data) == pytest.approx(naive(data))


def test_limits():
    assert nominal_alpha([["a", "a"], ["b", "b"]]) == 1.0
    assert nominal_alpha([["a", None], [None, "b"]]) is None
    assert nominal_alpha([["a", "a"], ["a", "a"]]) is None
    assert nominal_alpha([]) is None
    assert nominal_alpha([["a", "b"], ["b", "a"]]) < 0
