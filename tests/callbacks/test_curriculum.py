import numpy as np
import pytest

from c2ser_lightning.callbacks.curriculum import CoTCurriculum, explicit_probability


def test_linear_decay_goes_from_one_to_zero_over_the_whole_phase():
    assert [explicit_probability(step, 5) for step in range(5)] == pytest.approx([1.0, 0.75, 0.5, 0.25, 0.0])


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [("cosine", [1.0, 0.8535534, 0.5, 0.1464466, 0.0]), ("step", [1, 1, 0, 0, 0]), ("constant", [1, 1, 1, 1, 1])],
)
def test_other_schedules(schedule, expected):
    actual = [explicit_probability(step, 5, schedule=schedule) for step in range(5)]
    assert actual == pytest.approx(expected)


def test_start_and_end_can_be_chosen():
    assert [explicit_probability(step, 3, start=0.6, end=0.2) for step in range(3)] == pytest.approx([0.6, 0.4, 0.2])


def test_the_exact_sequence_depends_on_seed_and_step_alone():
    curriculum = CoTCurriculum(seed=3)
    sequence = [curriculum.draw(step, 40, 4)[0] for step in range(40)]
    naive = [bool(np.random.default_rng((3, step)).random() < 1 - step / 39) for step in range(40)]
    assert sequence == naive
    # resumed in the middle, on another object, in another order, with another batch size
    assert [CoTCurriculum(seed=3).draw(step, 40, 9)[0] for step in reversed(range(20, 40))] == sequence[:19:-1]
    assert sequence[0]
    assert not sequence[-1]
    assert 12 < sum(sequence) < 28


def test_a_batch_is_of_one_kind_and_samples_can_be_mixed():
    assert {len(set(CoTCurriculum().draw(step, 20, 8))) for step in range(20)} == {1}
    mixed = CoTCurriculum(mixing="sample").draw(10, 20, 1000)
    assert sum(mixed) / 1000 == pytest.approx(explicit_probability(10, 20), abs=0.05)
