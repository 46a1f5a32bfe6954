"""Claims counted by hand."""

import math

import torch

from c2ser_lightning.metrics.grounding import GroundingMetrics


def test_claims_contradictions_and_word_errors():
    metric = GroundingMetrics()
    measured = torch.tensor([[0, 1, 2], [0, 1, 3], [2, 2, 2], [0, 0, 0]])
    claimed = torch.tensor([[0, 2, 3], [2, 1, 1], [2, 2, 2], [3, 3, 3]])
    edits = torch.tensor([[2, 5, 1, 0], [0, 4, 0, 0], [3, 4, 1, 1], [0, 6, 0, 0]])
    content = torch.tensor([[4, 1], [3, 0], [3, 3], [1, 0]])
    metric.update(measured[:1], claimed[:1], edits[:1], content[:1])
    metric.update(measured[1:], claimed[1:], edits[1:], content[1:])
    scores = metric.compute()
    assert (scores.n, scores.explicit, scores.quoting) == (4, 3, 2)
    assert scores.contradiction_rate == 2 / 3
    pitch, loudness, rate = (scores.attributes[name] for name in ("pitch", "loudness", "rate"))
    assert (pitch.claims, pitch.unfounded, pitch.accuracy, pitch.opposite) == (3, 0, 2 / 3, 1 / 3)
    assert (pitch.guessing, pitch.table) == (2 / 3, [[1, 0, 1], [0, 0, 0], [0, 0, 1]])
    assert (loudness.accuracy, loudness.opposite) == (2 / 3, 0.0)
    assert (rate.claims, rate.unfounded, rate.accuracy) == (2, 1, 1.0)
    assert (scores.wer, scores.cer) == (2 / 5, 3 / 4)
    assert (scores.content_words, scores.fabrication_rate) == (11, 4 / 11)


def test_answers_that_explain_nothing_have_no_scores():
    metric = GroundingMetrics()
    metric.update(
        torch.zeros(1, 3, dtype=torch.long),
        torch.full((1, 3), 3),
        torch.tensor([[0, 3, 0, 0]]),
        torch.zeros(1, 2, dtype=torch.long),
    )
    assert metric.compute() is None


def test_without_mandarin_there_is_no_character_error_rate():
    metric = GroundingMetrics()
    metric.update(
        torch.zeros(1, 3, dtype=torch.long),
        torch.zeros(1, 3, dtype=torch.long),
        torch.tensor([[1, 3, 1, 0]]),
        torch.zeros(1, 2, dtype=torch.long),
    )
    assert math.isnan(metric.compute().cer)
