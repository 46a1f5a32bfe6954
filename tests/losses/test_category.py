"""The category loss as a module: forms, queue, temperature, and its gathering over real gloo processes."""

import pytest
import torch
import torch.multiprocessing as mp
import torch.nn.functional as F

from c2ser_lightning.losses.category import CategoryLoss, CategoryLossConfig
from tests.distributed import in_process_group

FORMS = ["infonce", "clip", "pairwise"]


def criterion(**settings) -> CategoryLoss:
    return CategoryLoss(CategoryLossConfig(**{"embedding_dim": 6, **settings}), classes=7)


def embeddings(count: int, seed: int = 7) -> torch.Tensor:
    return torch.randn(count, 6, generator=torch.Generator().manual_seed(seed))


def test_infonce_is_the_supervised_contrastive_loss():
    rows, classes = embeddings(5), torch.tensor([0, 1, 0, -1, 1])
    unit = F.normalize(rows[classes >= 0], dim=1)
    shares = (unit @ unit.T / 0.1).fill_diagonal_(float("-inf")).log_softmax(1)
    expected = -(shares[0, 2] + shares[2, 0] + shares[1, 3] + shares[3, 1]) / 4
    torch.testing.assert_close(criterion()(rows, classes), expected)


def test_clip_is_clips_own_loss_when_every_utterance_has_its_own_class():
    rows, temperature = embeddings(8), 0.2
    first, second = F.normalize(rows[0::2], dim=1), F.normalize(rows[1::2], dim=1)
    logits, own = first @ second.T / temperature, torch.arange(4)
    expected = (F.cross_entropy(logits, own) + F.cross_entropy(logits.T, own)) / 2
    classes = torch.arange(4).repeat_interleave(2)
    actual = criterion(form="clip", temperature=temperature)(rows, classes, clones=2)
    torch.testing.assert_close(actual, expected)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("categories", [[], [-1, -1], [0, -1], [0, 1]])
def test_without_a_positive_pair_the_loss_is_defined_and_has_a_gradient(form, categories):
    rows = torch.ones(len(categories), 6, requires_grad=True)
    loss = criterion(form=form, margin=1.0)(rows, torch.tensor(categories, dtype=torch.long))
    loss.backward()
    assert loss.item() == 0.0
    assert torch.equal(rows.grad, torch.zeros(len(categories), 6))


@pytest.mark.parametrize("form", FORMS)
def test_the_same_emotion_is_pulled_together_and_others_apart(form):
    rows = embeddings(12, seed=0).requires_grad_()
    classes = torch.arange(6).remainder(3).repeat_interleave(2)
    optimizer, loss = torch.optim.Adam([rows], lr=0.05), criterion(form=form)
    for _ in range(150):
        optimizer.zero_grad()
        loss(rows, classes, clones=2).backward()
        optimizer.step()
    unit = F.normalize(rows.detach(), dim=1)
    # between the two views, since clip compares nobody with its own view
    similar, same = unit[0::2] @ unit[1::2].T, classes[0::2].unsqueeze(0) == classes[1::2].unsqueeze(1)
    assert similar[same].min() > similar[~same].max() + 0.3


def test_length_does_not_matter():
    rows, classes = embeddings(6), torch.tensor([0, 1, 0, 1, 2, 2])
    torch.testing.assert_close(criterion()(rows, classes), criterion()(rows * 30, classes))


def test_past_batches_are_partners_and_only_in_training():
    loss, now, past = criterion(queue=4), embeddings(2, 1), embeddings(3, 2)
    loss(past, torch.tensor([0, 1, -1]))
    loss.eval()
    assert float(loss(now, torch.tensor([0, 1]))) == 0.0
    loss.train()
    # only the present two are anchors
    unit = F.normalize(torch.cat([now, past[:2]]), dim=1)
    shares = (unit @ unit.T / 0.1).fill_diagonal_(float("-inf")).log_softmax(1)
    torch.testing.assert_close(loss(now, torch.tensor([0, 1])), -(shares[0, 2] + shares[1, 3]) / 2)


def test_the_queue_keeps_one_clone_of_an_utterance():
    loss = criterion(queue=3)
    rows = embeddings(4)
    loss(rows, torch.tensor([0, 0, 5, 5]), clones=2)
    kept, classes = loss.queue.contents()
    torch.testing.assert_close(kept[classes >= 0], F.normalize(rows[[0, 2]], dim=1))


def test_a_learned_temperature_gets_a_gradient_and_has_a_floor():
    loss = criterion(learn_temperature=True, temperature=0.1)
    loss(embeddings(4), torch.tensor([0, 0, 1, 1])).backward()
    assert loss.log_scale.grad.abs() > 0
    assert float(loss.temperature) == pytest.approx(0.1)
    loss.log_scale.data.fill_(20.0)
    assert float(loss.temperature) == pytest.approx(0.01)
    assert not list(criterion().parameters())


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"temperature": 0.0}, "temperature must be positive"),
        ({"robustness": 1.5}, "robustness must lie between 0 and 1"),
        ({"form": "pairwise", "learn_temperature": True}, "pairwise has no temperature"),
    ],
)
def test_settings_that_make_no_sense_are_refused(settings, complaint):
    with pytest.raises(ValueError, match=complaint):
        criterion(**settings)


def _of_rank(rank: int, port: int, sizes: list[int], form: str, results) -> None:
    with in_process_group(rank, len(sizes), port):
        rows, classes = embeddings(sum(sizes)), CLASSES[: sum(sizes)]
        start = sum(sizes[:rank])
        own = rows[start : start + sizes[rank]].clone().requires_grad_()
        module = criterion(form=form, queue=2)
        loss = module(own, classes[start : start + sizes[rank]], clones=2)
        loss.backward()
        results[rank] = (float(loss), own.grad.tolist(), module.queue.contents()[0].tolist())


CLASSES = torch.tensor([0, 1, 0, -1, 2, 1]).repeat_interleave(2)


@pytest.mark.parametrize(("sizes", "form"), [([8, 4], "infonce"), ([12, 0], "infonce"), ([4, 8], "clip")])
def test_two_processes_with_uneven_rows_equal_one(sizes, form, free_port):
    with mp.Manager() as manager:
        results = manager.dict()
        mp.start_processes(_of_rank, (free_port, sizes, form, results), nprocs=2, start_method="spawn")
        shared = dict(results)
    rows, single = embeddings(12).requires_grad_(), criterion(form=form, queue=2)
    loss = single(rows, CLASSES, clones=2)
    loss.backward()
    assert shared[0][0] == shared[1][0] == pytest.approx(float(loss), abs=1e-6)
    # Each rank computes the whole loss, so its rows receive the gradient once from every rank; DDP averages that away.
    gathered = torch.tensor(shared[0][1] + shared[1][1]).view(12, 6) / 2
    torch.testing.assert_close(gathered, rows.grad, atol=1e-6, rtol=1e-4)
    for rank in (0, 1):
        torch.testing.assert_close(torch.tensor(shared[rank][2]), single.queue.contents()[0])
