"""Word errors of what a system heard, against counts by hand and over halves."""

import math

import pytest
import torch

from c2ser_lightning.emotions import EMOTIONS
from c2ser_lightning.metrics.hearing import HearingMetrics
from c2ser_lightning.report.predictions import Prediction
from c2ser_lightning.report.scoring import score
from tests.shards import record

HEARD = [
    ("The cat sat.", "the cat sat on the mat"),  # three deletions of six words
    ("", "one word"),  # two deletions: silence was heard
    ("我很高兴", "我很高心"),  # one of four characters
    (None, "left out"),  # no transcript was written
    ("something", ""),  # nothing to compare with
]


def rows():
    return [
        Prediction.of(record(number, 1.0, transcript=said), "anger", heard=heard)
        for number, (heard, said) in enumerate(HEARD)
    ]


def test_errors_are_those_counted_by_hand():
    hearing = score(rows(), EMOTIONS)[1].hearing
    assert hearing.n == 3
    assert hearing.wer == pytest.approx(5 / 8)
    assert hearing.cer == pytest.approx(1 / 4)


def test_nothing_heard_is_no_score():
    assert score(rows()[3:], EMOTIONS)[1].hearing is None


def test_halves_add_up_and_a_missing_language_is_not_a_number():
    edits = torch.tensor([[1, 4, 0], [0, 3, 0], [2, 5, 0]])
    whole, half = HearingMetrics(), HearingMetrics()
    whole.update(edits)
    half.update(edits[:1])
    half.update(edits[1:])
    assert whole.compute().wer == half.compute().wer == pytest.approx(3 / 12)
    assert math.isnan(whole.compute().cer)
