"""Annotator-aware scores against scikit-learn on references that a naive loop moves."""

import pytest
import torch
from sklearn.metrics import accuracy_score, f1_score

from c2ser_lightning.emotions import EMOTIONS
from c2ser_lightning.metrics.annotators import AnnotatorMetrics


def made(count: int = 200):
    generator = torch.Generator().manual_seed(3)
    votes = torch.randint(0, 4, (count, 8), generator=generator) * (torch.rand(count, 8, generator=generator) < 0.4)
    predictions = torch.randint(-1, 7, (count,), generator=generator)
    references = torch.randint(-1, 7, (count,), generator=generator)
    return predictions, references, votes


def test_equals_a_naive_loop_and_scikit_learn():
    predictions, references, votes = made()
    metric = AnnotatorMetrics(EMOTIONS)
    for start in range(0, 200, 33):
        metric.update(*(tensor[start : start + 33] for tensor in (predictions, references, votes)))
    scores = metric.compute()
    aware, strict, given, given_strict, shares = [], [], [], [], []
    for answer, reference, row in zip(predictions.tolist(), references.tolist(), votes.tolist(), strict=True):
        if sum(row) == 0 or reference < 0:
            continue
        union = {number for number in range(7) if row[number]}
        aware.append(answer if answer in union else reference)
        given.append(answer)
        shares.append(row[reference] / sum(row))
        top = max(range(8), key=lambda number: row[number])
        if row[top] > sum(row) / 2 and top < 7:
            strict.append(top)
            given_strict.append(answer)
    labels = list(range(7))
    options = {"labels": labels, "average": "macro", "zero_division": 0}
    assert scores.any_annotator.n == len(aware) > 100
    assert scores.any_annotator.macro_f1 == pytest.approx(f1_score(aware, given, **options))
    assert scores.any_annotator.wa == pytest.approx(accuracy_score(aware, given))
    assert scores.strict_majority.n == len(strict) > 20
    assert scores.strict_majority.macro_f1 == pytest.approx(f1_score(strict, given_strict, **options))
    assert scores.agreement == pytest.approx(sum(shares) / len(shares), abs=1e-8)


def test_a_hit_on_a_minority_label_is_right_and_half_of_the_votes_is_no_majority():
    metric = AnnotatorMetrics(EMOTIONS)
    votes = torch.tensor([[2, 1, 0, 0, 0, 0, 0, 0], [1, 1, 0, 0, 0, 0, 0, 0]])
    metric.update(torch.tensor([1, 2]), torch.tensor([0, 0]), votes)
    scores = metric.compute()
    assert scores.any_annotator.wa == 0.5
    assert (scores.strict_majority.n, scores.strict_majority.wa) == (1, 0.0)


def test_a_smaller_label_set_leaves_out_other_references():
    metric = AnnotatorMetrics(("anger", "fear"))
    votes = torch.zeros(3, 8, dtype=torch.long)
    votes[:, 0], votes[:, 5] = 1, 2
    metric.update(torch.tensor([0, 6, 5]), torch.tensor([0, 6, 5]), votes)
    scores = metric.compute()
    assert (scores.any_annotator.n, scores.any_annotator.wa) == (2, 1.0)
    assert scores.strict_majority.n == 0


def test_without_votes_there_are_no_scores():
    metric = AnnotatorMetrics(EMOTIONS)
    metric.update(torch.tensor([1]), torch.tensor([1]), torch.zeros(1, 8, dtype=torch.long))
    assert metric.compute() is None
