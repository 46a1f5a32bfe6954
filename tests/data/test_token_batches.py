import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from c2ser_lightning.data.bucketing import BatchConfig
from c2ser_lightning.data.class_batches import ClassBatchConfig
from c2ser_lightning.data.datamodule import EmotionDataModule
from c2ser_lightning.data.token_batches import TokenPlan
from tests.conftest import ROOT

UTTERANCES = st.lists(
    st.tuples(st.floats(0.1, 20.0), st.integers(20, 300), st.integers(20, 300)), min_size=1, max_size=60
)


def demo_like(count: int = 672) -> tuple[np.ndarray, np.ndarray]:
    """Durations and lengths in the shape of the demo's: answers of 24 tokens more or less, explicit or implicit."""
    draw = np.random.default_rng(0)
    seconds = np.clip(draw.normal(2.18, 0.81, count), 0.9, 5.8)
    implicit = 42 + np.ceil(12.5 * seconds)
    return seconds, np.stack([implicit + 24 + np.rint(draw.normal(0, 4, count)), implicit], 1).astype(np.int64)


def padding(plan: TokenPlan, tokens: np.ndarray, epoch: int) -> np.ndarray:
    padded = sum(len(batch) * tokens[batch].max(0) for batch in plan.batches(epoch))
    return 1 - tokens.sum(0) / padded


@given(UTTERANCES, st.integers(1, 3), st.integers(0, 3))
def test_budgets_are_kept_and_ranks_have_as_many_batches(utterances, world_size, epoch):
    seconds, tokens = np.array([u[0] for u in utterances]), np.array([u[1:] for u in utterances])
    config = BatchConfig(max_seconds=60, max_utterances=5, shuffle_spread=0.1, max_tokens=700)
    plans = [TokenPlan(seconds, tokens, config, rank=r, world_size=world_size) for r in range(world_size)]
    per_rank = [plan.batches(epoch) for plan in plans]
    assert {len(batches) for batches in per_rank} == {len(plans[0])}
    everything = [batch for batches in per_rank for batch in batches]
    assert {position for batch in everything for position in batch} == set(range(len(utterances)))
    assert sum(map(len, everything)) - len(utterances) <= 5 * (world_size - 1)
    for batch in everything:
        assert len(batch) <= 5
        assert len(batch) == 1 or len(batch) * tokens[batch].max() <= 700
        assert len(batch) == 1 or len(batch) * seconds[batch].max() <= 60 + 1e-9


def test_an_epoch_is_the_same_every_time_and_differs_from_the_next():
    seconds, tokens = demo_like()
    plan = TokenPlan(seconds, tokens, BatchConfig(max_tokens=800, shuffle_spread=0.02))
    assert plan.batches(3) == plan.batches(3)
    assert plan.batches(3) != plan.batches(4)
    assert len(plan.batches(3)) == len(plan.batches(4)) == len(plan)


@pytest.mark.parametrize("kinds", [[0], [0, 1]])
def test_at_most_three_percent_of_positions_are_padding_on_lengths_like_the_demos(kinds):
    seconds, tokens = demo_like()
    plan = TokenPlan(seconds, tokens[:, kinds], BatchConfig(max_tokens=800, shuffle_spread=0.02))
    assert padding(plan, tokens[:, kinds], epoch=1).max() < 0.03


def test_strata_help_short_answers():
    """Sorting by the long answers alone leaves the short ones padded."""
    seconds, tokens = demo_like()
    one_kind = TokenPlan(seconds, tokens[:, :1], BatchConfig(max_tokens=800, shuffle_spread=0.0))
    one_kind._strata = [np.arange(len(seconds))]
    one_kind._sizes = [one_kind._cut(stratum) for stratum in one_kind._strata]
    both = TokenPlan(seconds, tokens, BatchConfig(max_tokens=800, shuffle_spread=0.0))
    assert padding(both, tokens, 0)[1] < 0.5 * padding(one_kind, tokens, 0)[1]


def test_a_sequence_longer_than_the_budget_goes_alone():
    plan = TokenPlan([1.0, 1.0, 9.0], np.array([[50], [50], [900]]), BatchConfig(max_tokens=500))
    assert sorted(map(len, plan.batches(0))) == [1, 2]


def test_tokens_and_classes_exclude_each_other():
    with pytest.raises(ValueError, match="not by both"):
        EmotionDataModule(str(ROOT), batch=BatchConfig(max_tokens=10), by_class=ClassBatchConfig())
