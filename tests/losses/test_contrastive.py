"""The contrastive loss against a naive loop, and its gathering against a single process, over real gloo processes."""

import math

import pytest
import torch
import torch.multiprocessing as mp

from c2ser_lightning.losses.contrastive import category_loss
from tests.distributed import in_process_group


def naive(embeddings: torch.Tensor, categories: list[int], temperature: float) -> float:
    """Equation of the docstring, one pair at a time, in double precision."""
    rows = [(row.double() / row.double().norm(), c) for row, c in zip(embeddings, categories, strict=True) if c >= 0]
    losses = []
    for i, (anchor, category) in enumerate(rows):
        scores = {j: float(anchor @ other) / temperature for j, (other, _) in enumerate(rows) if j != i}
        positives = [j for j in scores if rows[j][1] == category]
        if positives:
            total = math.log(sum(math.exp(score) for score in scores.values()))
            losses.append(-sum(scores[j] - total for j in positives) / len(positives))
    return sum(losses) / len(losses) if losses else 0.0


@pytest.mark.parametrize("categories", [[0, 0, 1, 1, 2], [0, -1, 0, 3, -1], [4, 4, 4, 4, 4], [0, 1, 2, 3, 4]])
@pytest.mark.parametrize("temperature", [0.05, 0.5])
def test_equals_the_naive_loop(categories, temperature):
    embeddings = torch.randn(5, 8, generator=torch.Generator().manual_seed(1))
    actual = category_loss(embeddings, torch.tensor(categories), temperature)
    assert float(actual) == pytest.approx(naive(embeddings, categories, temperature), abs=1e-5)


@pytest.mark.parametrize("categories", [[-1, -1], [0, -1], [0, 1]])
def test_without_any_pair_the_loss_is_zero_and_still_has_a_gradient(categories):
    embeddings = torch.randn(2, 4, requires_grad=True)
    loss = category_loss(embeddings, torch.tensor(categories))
    loss.backward()
    assert loss.item() == 0.0
    assert torch.equal(embeddings.grad, torch.zeros(2, 4))


def test_the_same_emotion_is_pulled_together_and_others_apart():
    embeddings = torch.randn(12, 6, generator=torch.Generator().manual_seed(0)).requires_grad_()
    categories = torch.arange(12) % 3
    optimizer = torch.optim.Adam([embeddings], lr=0.05)
    for _ in range(150):
        optimizer.zero_grad()
        category_loss(embeddings, categories).backward()
        optimizer.step()
    unit = torch.nn.functional.normalize(embeddings.detach(), dim=1)
    similar = unit @ unit.T
    same = categories.unsqueeze(0) == categories.unsqueeze(1)
    assert similar[same].min() > similar[~same].max() + 0.3


def _gradient_of_rank(rank: int, port: int, sizes: list[int], results) -> None:
    with in_process_group(rank, len(sizes), port):
        rows, categories = _data(sum(sizes))
        start = sum(sizes[:rank])
        own = rows[start : start + sizes[rank]].clone().requires_grad_()
        loss = category_loss(own, categories[start : start + sizes[rank]])
        loss.backward()
        results[rank] = (float(loss), own.grad.tolist())


def _data(count: int) -> tuple[torch.Tensor, torch.Tensor]:
    rows = torch.randn(count, 6, generator=torch.Generator().manual_seed(7))
    return rows, torch.tensor([0, 1, 0, -1, 2, 1, 2][:count])


@pytest.mark.parametrize("sizes", [[4, 3], [7, 0]])
def test_two_processes_with_uneven_rows_equal_one(sizes, free_port):
    with mp.Manager() as manager:
        results = manager.dict()
        mp.start_processes(_gradient_of_rank, (free_port, sizes, results), nprocs=2, start_method="spawn")
        shared = dict(results)
    rows, categories = _data(7)
    rows.requires_grad_()
    loss = category_loss(rows, categories)
    loss.backward()
    assert shared[0][0] == shared[1][0] == pytest.approx(float(loss), abs=1e-6)
    # Each rank computes the whole loss, so its rows receive the gradient once from every rank; DDP averages that away.
    gathered = torch.tensor(shared[0][1] + shared[1][1]).view(7, 6) / 2
    torch.testing.assert_close(gathered, rows.grad, atol=1e-6, rtol=1e-4)
