"""The forms of the contrastive loss against naive loops."""

import math

import pytest
import torch

from c2ser_lightning.losses.contrastive import Pairs, info_nce, pairwise

CATEGORIES = [[0, 0, 1, 1, 2], [0, -1, 0, 3, -1], [4, 4, 4, 4, 4], [0, 1, 2, 3, 4], [-1, -1, -1, -1, 2]]


def everyone(similarities: torch.Tensor, categories: list[int]) -> Pairs:
    classes = torch.tensor(categories)
    return Pairs.of(similarities, classes, classes, torch.eye(len(categories), dtype=torch.bool))


def similarities(count: int = 5) -> torch.Tensor:
    return torch.rand(count, count, generator=torch.Generator().manual_seed(1)) * 2 - 1


def naive_info_nce(scores: torch.Tensor, categories: list[int], temperature: float, robustness: float) -> float:
    """Equations of the docstring, one pair at a time, in double precision."""
    labelled = [i for i, category in enumerate(categories) if category >= 0]
    losses = []
    for i in labelled:
        others = {j: math.exp(float(scores[i, j]) / temperature) for j in labelled if j != i}
        shares = [others[j] / sum(others.values()) for j in others if categories[j] == categories[i]]
        costs = [(1 - share**robustness) / robustness if robustness else -math.log(share) for share in shares]
        if costs:
            losses.append(sum(costs) / len(costs))
    return sum(losses) / len(losses) if losses else 0.0


@pytest.mark.parametrize("categories", CATEGORIES)
@pytest.mark.parametrize("temperature", [0.05, 0.5])
@pytest.mark.parametrize("robustness", [0.0, 0.3, 1.0])
def test_info_nce_equals_the_naive_loop(categories, temperature, robustness):
    actual = info_nce(everyone(similarities(), categories), 1 / temperature, robustness)
    assert float(actual) == pytest.approx(naive_info_nce(similarities(), categories, temperature, robustness), abs=1e-5)


@pytest.mark.parametrize("categories", CATEGORIES)
@pytest.mark.parametrize("margin", [0.0, 0.4])
def test_pairwise_equals_the_naive_loop(categories, margin):
    scores, positive, negative = similarities(), [], []
    for i, own in enumerate(categories):
        for j, other in enumerate(categories):
            if i != j and own >= 0 and other >= 0:
                score = float(scores[i, j])
                positive += [1 - score] if own == other else []
                negative += [max(0.0, score - margin)] if own != other else []
    expected = sum(sum(values) / len(values) for values in (positive, negative) if values)
    assert float(pairwise(everyone(scores, categories), margin)) == pytest.approx(expected, abs=1e-6)


def test_robustness_is_the_logarithm_in_the_limit_and_bounds_a_wrong_pair():
    pairs = everyone(similarities(), [0, 0, 1, 1, 2])
    assert float(info_nce(pairs, 10.0, 1e-4)) == pytest.approx(float(info_nce(pairs, 10.0)), rel=1e-2)
    # two embeddings that point away from each other, labelled alike by mistake
    far = torch.tensor([[1.0, -1.0, 1.0], [-1.0, 1.0, 1.0], [1.0, 1.0, 1.0]])
    mislabelled = everyone(far, [0, 0, 1])
    assert float(info_nce(mislabelled, 100.0)) > 100
    assert float(info_nce(mislabelled, 100.0, 0.5)) <= 2.0


def test_excluded_pairs_do_not_matter():
    scores, classes = similarities(4), torch.tensor([0, 1, 0, 1])
    excluded = torch.eye(4, dtype=torch.bool)
    excluded[0, 1] = excluded[2, 3] = True
    before = Pairs.of(scores, classes, classes, excluded)
    after = Pairs.of(scores.masked_fill(excluded, 9.0), classes, classes, excluded)
    assert float(info_nce(before, 5.0)) == float(info_nce(after, 5.0))
    assert float(pairwise(before, 0.0)) == float(pairwise(after, 0.0))
