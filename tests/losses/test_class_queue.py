"""The class-balanced queue against Python's own bounded queues."""

from collections import deque

import torch

from c2ser_lightning.losses.class_queue import ClassQueue


def held(queue: ClassQueue) -> dict[int, list[float]]:
    rows, classes = queue.contents()
    return {c: sorted(rows[classes == c, 0].tolist()) for c in range(queue.classes)}


def test_it_holds_the_latest_of_every_class():
    queue, naive = ClassQueue(3, 4, 2), [deque(maxlen=4) for _ in range(3)]
    generator, number = torch.Generator().manual_seed(0), 0
    for _ in range(30):
        count = int(torch.randint(0, 9, (1,), generator=generator))
        classes = torch.randint(-1, 3, (count,), generator=generator)
        rows = torch.arange(number, number + count).float().unsqueeze(1).expand(-1, 2)
        number += count
        queue.push(rows, classes)
        for row, category in zip(rows[:, 0].tolist(), classes.tolist(), strict=True):
            if category >= 0:
                naive[category].append(row)
        assert held(queue) == {c: sorted(rows) for c, rows in enumerate(naive)}


def test_a_class_with_more_than_fits_keeps_its_last():
    queue = ClassQueue(2, 3, 1)
    queue.push(torch.arange(8.0).unsqueeze(1), torch.tensor([0, 0, 1, 0, 0, 0, 0, 1]))
    assert held(queue) == {0: [4.0, 5.0, 6.0], 1: [2.0, 7.0]}


def test_empty_places_have_no_class_and_unlabelled_rows_are_not_kept():
    queue = ClassQueue(2, 3, 1)
    queue.push(torch.ones(2, 1), torch.tensor([-1, 1]))
    assert queue.contents()[1].tolist() == [-1, -1, -1, 1, -1, -1]


def test_it_goes_on_from_its_state_dict():
    first, second = ClassQueue(2, 3, 1), ClassQueue(2, 3, 1)
    first.push(torch.arange(4.0).unsqueeze(1), torch.tensor([0, 1, 0, 0]))
    second.load_state_dict(first.state_dict())
    for queue in (first, second):
        queue.push(torch.tensor([[9.0]]), torch.tensor([0]))
    assert held(first) == held(second) == {0: [2.0, 3.0, 9.0], 1: [1.0]}


def test_what_was_read_does_not_change_with_later_pushes():
    queue = ClassQueue(1, 1, 1)
    queue.push(torch.ones(1, 1), torch.tensor([0]))
    rows, _ = queue.contents()
    queue.push(torch.zeros(1, 1), torch.tensor([0]))
    assert rows.item() == 1.0
