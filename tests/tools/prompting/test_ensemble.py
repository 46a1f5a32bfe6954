"""Means and votes against loops that count by hand."""

import random

import pytest

from c2ser_lightning.emotions import EMOTIONS
from c2ser_lightning.report.predictions import Prediction
from tests.shards import record
from tools.prompting.ensemble import ensemble, unanimous, vote


def said(emotion: str | None, number: int = 0) -> Prediction:
    return Prediction.of(record(number, 1.0), emotion, answer=f"It is {emotion}.")


def scored(table: dict[str, float], number: int = 0) -> Prediction:
    return Prediction.scored(record(number, 1.0), table)


def naive_vote(names: list[str | None]) -> str | None:
    best, most = None, 0
    for candidate in names:
        count = sum(1 for name in names if name == candidate)
        if candidate is not None and count > most:
            best, most = candidate, count
    return best


@pytest.mark.parametrize(
    ("names", "winner"),
    [
        (["anger", "fear", "fear"], "fear"),
        (["fear", "anger", "anger", "fear"], "fear"),
        (["sadness", "anger", "fear", "fear", "anger"], "anger"),
        ([None, None, None, "fear"], "fear"),
        ([None, "fear", "anger", None], "fear"),
        ([None, None], None),
    ],
)
def test_most_votes_win_and_the_earliest_wording_breaks_ties(names, winner):
    assert vote([said(name) for name in names]) == winner


def test_a_thousand_votes_are_those_of_a_loop():
    draw = random.Random(0)
    for _ in range(1000):
        names = [draw.choice([*EMOTIONS[:3], None]) for _ in range(draw.randint(1, 7))]
        assert vote([said(name) for name in names]) == naive_vote(names), names


def test_probabilities_are_averaged_where_labels_were_scored():
    draw = random.Random(1)
    wordings = [
        [scored({emotion: draw.random() for emotion in EMOTIONS}, number) for number in range(5)] for _ in range(3)
    ]
    for number, row in enumerate(ensemble(wordings)):
        for emotion in EMOTIONS:
            total = 0.0
            for rows in wordings:
                total += rows[number].probabilities[emotion]
            assert row.probabilities[emotion] == pytest.approx(total / 3)
        assert row.predicted == max(row.probabilities, key=row.probabilities.get)
        assert row.key == wordings[0][number].key


def test_a_sure_minority_outweighs_an_unsure_majority_only_where_there_are_probabilities():
    tables = [{"anger": 0.51, "fear": 0.49}, {"anger": 0.51, "fear": 0.49}, {"anger": 0.01, "fear": 0.99}]
    assert ensemble([[scored(table)] for table in tables])[0].predicted == "fear"
    voted = ensemble([[said(name)] for name in ("anger", "anger", "fear")])[0]
    assert (voted.predicted, voted.probabilities, voted.answer) == ("anger", None, "")


def test_unanimous_counts_utterances_that_no_wording_moves():
    first = [said("anger", 0), said(None, 1), said("fear", 2), said("fear", 3)]
    other = [said("anger", 0), said(None, 1), said("anger", 2), said(None, 3)]
    assert unanimous([first, other]) == 0.5
    assert unanimous([first]) == 1.0
