"""Spread, worst case and means against plain loops."""

import math

import pytest

from c2ser_lightning.emotions import EMOTIONS
from c2ser_lightning.report.predictions import Prediction
from tests.shards import record
from tools.prompting.outcomes import outcome, over_sets
from tools.prompting.tables import lines, markdown, remark, summary

HITS = {"first": 5, "second": 2, "third | odd": 2, "fourth": 6}


def answered(hits: int, count: int = 14, unparsed: int = 0) -> list[Prediction]:
    """Right for the first ``hits`` of every seven utterances; wrong, or unparsed, for the rest."""
    rows = []
    for number in range(count):
        item = record(number, 1.0)
        wrong = None if number % 7 >= 7 - unparsed else EMOTIONS[(number + 1) % 7]
        rows.append(Prediction.of(item, item.emotion if number % 7 < hits else wrong))
    return rows


@pytest.fixture
def found():
    return outcome("toy", {text: answered(hits, unparsed=2) for text, hits in HITS.items()}, EMOTIONS)


def test_spread_is_that_of_a_loop(found):
    values = [hits / 7 for hits in HITS.values()]
    mean = sum(values) / len(values)
    square = 0.0
    for value in values:
        square += (value - mean) ** 2
    ua = found.spread["ua"]
    assert ua.mean == pytest.approx(mean)
    assert ua.sd == pytest.approx(math.sqrt(square / (len(values) - 1)))
    assert (ua.worst, ua.worst_wording) == (pytest.approx(2 / 7), "second")  # the earlier of two
    assert found.n == 14


def test_most_unparsed_is_worst(found):
    shares = {
        text: sum(row.predicted is None for row in answered(hits, unparsed=2)) / 14 for text, hits in HITS.items()
    }
    worst = found.spread["unparsed"]
    assert worst.worst == max(shares.values())
    assert shares[worst.worst_wording] == worst.worst


def test_wordings_are_compared_with_the_first_on_the_same_utterances(found):
    assert found.wordings["first"].gain is None
    for text, hits in HITS.items():
        if text != "first":
            assert found.wordings[text].gain == pytest.approx((hits - 5) / 7)
            low, high = found.wordings[text].gain_ci95
            assert low <= found.wordings[text].gain <= high
    assert found.ensemble.gain == pytest.approx(found.ensemble.ua - 5 / 7)


def test_utterances_outside_the_label_set_are_not_compared():
    few = EMOTIONS[:3]
    found = outcome("toy", {"a": answered(7), "b": answered(0)}, few)
    assert (found.n, found.wordings["b"].gain) == (6, -1.0)


def test_means_over_sets_come_before_spread_and_worst_case():
    one = outcome("one", {"a": answered(7), "b": answered(1)}, EMOTIONS)
    two = outcome("two", {"a": answered(0), "b": answered(4)}, EMOTIONS)
    both = over_sets([one, two])
    assert both.wordings["a"].ua == pytest.approx(0.5)
    assert both.wordings["b"].ua == pytest.approx(5 / 14)
    assert both.spread["ua"].worst_wording == "b"
    assert both.spread["ua"].mean == pytest.approx((7 + 0 + 1 + 4) / 28)
    assert both.wordings["b"].gain == pytest.approx(5 / 14 - 0.5)
    assert (both.n, both.wordings["a"].gain, both.wordings["a"].ua_ci95) == (28, None, None)


def test_one_wording_has_no_spread():
    assert outcome("toy", {"a": answered(3)}, EMOTIONS).spread["ua"].sd == 0


def test_tables_hold_every_wording_and_name_the_worst(found):
    rows = lines(found)
    assert [row.heading for row in rows[:4]] == list(HITS)
    assert [row.kind for row in rows[4:]] == ["mean", "worst", "ensemble"]
    assert rows[5].heading == "worst: second"
    assert rows[4].cells[0] == f"{found.spread['ua'].mean:.3f} ± {found.spread['ua'].sd:.3f}"
    text = markdown(found)
    table = [line for line in text.splitlines() if line.startswith("|")]
    assert len(table) == 9
    assert all(line.replace("\\|", "").count("|") == 7 for line in table)
    assert "worst wording: second" in summary([found])
    assert "answered alike" in remark(found)
