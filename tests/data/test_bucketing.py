import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from c2ser_lightning.data.bucketing import BatchConfig, BucketPlan

DURATIONS = st.lists(st.floats(0.1, 20.0), min_size=1, max_size=60)


@given(DURATIONS, st.integers(1, 3), st.integers(0, 3))
def test_evaluation_covers_every_utterance_once_over_uneven_ranks(durations, world_size, epoch):
    config = BatchConfig(max_seconds=40, max_utterances=5)
    plans = [BucketPlan(durations, config, shuffle=False, rank=r, world_size=world_size) for r in range(world_size)]
    drawn = [position for plan in plans for batch in plan.batches(epoch) for position in batch]
    assert sorted(drawn) == list(range(len(durations)))
    assert all(len(plan.batches(epoch)) == len(plan) for plan in plans)
    assert len({len(plan) for plan in plans}) == 1, "ranks that share weights must go the same number of steps"
    assert len(durations) < world_size or all(plan.batches(epoch)[0] for plan in plans)


@given(DURATIONS, st.integers(1, 3), st.integers(0, 3))
def test_training_keeps_budgets_and_gives_every_rank_as_many_batches(durations, world_size, epoch):
    config = BatchConfig(max_seconds=40, max_utterances=5, shuffle_spread=0.3)
    plans = [BucketPlan(durations, config, shuffle=True, rank=r, world_size=world_size) for r in range(world_size)]
    per_rank = [plan.batches(epoch) for plan in plans]
    assert {len(batches) for batches in per_rank} == {len(plans[0])}
    everything = [batch for batches in per_rank for batch in batches]
    assert {position for batch in everything for position in batch} == set(range(len(durations)))
    for batch in everything:
        assert len(batch) <= 5
        assert len(batch) == 1 or len(batch) * max(durations[position] for position in batch) <= 40 + 1e-9


def test_epochs_differ_and_repeat():
    plan = BucketPlan(np.linspace(1, 5, 40).tolist(), BatchConfig(20, 8, 0.3), shuffle=True, seed=3)
    assert plan.batches(0) == plan.batches(0)
    assert plan.batches(0) != plan.batches(1)


def test_padding_stays_small_on_speech_like_lengths():
    durations = np.random.default_rng(0).gamma(3.0, 1.4, size=2000) + 0.3
    plan = BucketPlan(durations.tolist(), BatchConfig(160, 32, 0.1), shuffle=True)
    padded = sum(len(batch) * durations[batch].max() for batch in plan.batches(1))
    assert padded / durations.sum() < 1.12


def test_one_clip_longer_than_the_budget_goes_alone():
    assert sorted(map(len, BucketPlan([30.0, 1.0, 1.0], BatchConfig(10, 8), shuffle=False).batches(0))) == [1, 2]


@pytest.mark.parametrize("shuffle", [True, False])
def test_an_epoch_of_one_utterance(shuffle):
    assert BucketPlan([2.0], BatchConfig(), shuffle=shuffle).batches(0) == [[0]]
