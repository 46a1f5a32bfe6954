from collections import Counter

from c2ser_lightning.emotions import EMOTIONS
from c2ser_lightning.report.selection import choose_examples
from tests.results import predictions


def test_examples_are_spread_over_emotions_and_over_right_and_wrong():
    rows = predictions(70)
    chosen = choose_examples([rows], 14)
    by_key = {row.key: row for row in rows}
    assert len(set(chosen)) == 14
    assert Counter(by_key[key].emotion for key in chosen) == dict.fromkeys(EMOTIONS, 2)
    assert sum(by_key[key].correct for key in chosen) == 7


def test_the_choice_depends_on_the_keys_only():
    rows = predictions(70)
    assert choose_examples([rows[::-1]], 14) == choose_examples([rows], 14)


def test_no_more_than_there_are_and_none_from_none():
    assert len(choose_examples([predictions(20)], 1000)) == 20
    assert choose_examples([[]], 5) == []
    assert choose_examples([predictions(20)], 0) == []


def test_a_perfect_system_still_fills_the_page():
    assert len(choose_examples([[row for row in predictions(70) if row.correct]], 14)) == 14
