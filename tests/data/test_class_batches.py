"""Batches by class: partners for everybody, budgets, ratios, and even use of the corpus, as properties."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from c2ser_lightning.data.bucketing import BatchConfig
from c2ser_lightning.data.class_batches import ClassBatchConfig, ClassPlan

CORPUS = st.lists(st.tuples(st.floats(0.1, 12.0), st.sampled_from([None, "anger", "fear", "neutral"])), max_size=60)
BUDGET = BatchConfig(max_seconds=60.0, max_utterances=10, shuffle_spread=0.2)


def plans(corpus, by_class: ClassBatchConfig, config: BatchConfig = BUDGET, world_size: int = 1) -> list[ClassPlan]:
    durations, classes = [seconds for seconds, _ in corpus], [label for _, label in corpus]
    return [
        ClassPlan(durations, classes, config, by_class, seed=1, rank=rank, world_size=world_size)
        for rank in range(world_size)
    ]


def everything(corpus, by_class: ClassBatchConfig, epoch: int = 0, world_size: int = 1) -> list[list[int]]:
    return [batch for plan in plans(corpus, by_class, world_size=world_size) for batch in plan.batches(epoch)]


@settings(deadline=None)
@given(
    CORPUS.filter(lambda corpus: any(label for _, label in corpus)),
    st.integers(1, 3),
    st.sampled_from([0.0, 0.5, 1.0]),
    st.integers(1, 2),
    st.integers(0, 3),
)
def test_everybody_has_partners_and_budgets_hold(corpus, per_class, balance, world_size, epoch):
    by_class = ClassBatchConfig(per_class=per_class, balance=balance)
    ranks = [plan.batches(epoch) for plan in plans(corpus, by_class, world_size=world_size)]
    assert {len(batches) for batches in ranks} == {len(plans(corpus, by_class, world_size=world_size)[0])}
    for batch in (batch for batches in ranks for batch in batches):
        counts = Counter(corpus[position][1] for position in batch if corpus[position][1])
        assert all(count >= per_class for count in counts.values())
        assert 1 <= len(batch) <= BUDGET.max_utterances
        assert len(batch) * max(corpus[position][0] for position in batch) <= BUDGET.max_seconds + 1e-9


@settings(deadline=None)
@given(CORPUS.filter(lambda corpus: any(label for _, label in corpus)), st.integers(1, 3))
def test_all_unlabelled_and_nearly_all_labelled_speech_is_used_once(corpus, per_class):
    drawn = Counter(position for batch in everything(corpus, ClassBatchConfig(per_class)) for position in batch)
    sizes = Counter(label for _, label in corpus)
    for label, size in sizes.items():
        uses = [drawn[position] for position, (_, own) in enumerate(corpus) if own == label]
        if label is None:
            assert uses == [1] * size
        elif size >= per_class:
            assert max(uses) == 1
            assert sum(uses) == size // per_class * per_class
        else:
            assert sum(uses) == per_class


def corpus_of(counts: dict[str | None, int], seed: int = 0) -> list[tuple[float, str | None]]:
    lengths = iter(np.random.default_rng(seed).gamma(3.0, 1.2, size=sum(counts.values())).clip(0.3, 11.0))
    return [(float(next(lengths)), label) for label, count in counts.items() for _ in range(count)]


def test_what_is_left_out_changes_so_that_everything_is_used():
    corpus = corpus_of({"anger": 5, "fear": 7})
    drawn = {
        position for epoch in range(2) for batch in everything(corpus, ClassBatchConfig(), epoch) for position in batch
    }
    assert drawn == set(range(12))


@pytest.mark.parametrize(("balance", "expected"), [(1.0, 20), (0.5, 53), (0.0, 110)])
def test_rare_classes_are_drawn_more_often_when_balanced(balance, expected):
    corpus = corpus_of({"neutral": 200, "fear": 20})
    batches = everything(corpus, ClassBatchConfig(balance=balance))
    classes = Counter(corpus[position][1] for batch in batches for position in batch)
    assert classes["fear"] == pytest.approx(expected, abs=1)
    assert sum(classes.values()) == pytest.approx(220, abs=2)
    uses = Counter(position for batch in batches for position in batch if corpus[position][1] == "fear")
    assert max(uses.values()) - min(uses.values()) <= 1


def test_a_class_drawn_often_meets_others_of_its_class_not_itself():
    corpus = corpus_of({"neutral": 400, "fear": 8})
    config = BatchConfig(max_seconds=1e9, max_utterances=2)
    for batch in plans(corpus, ClassBatchConfig(balance=0.0), config)[0].batches(0):
        assert len(set(batch)) == 2


@pytest.mark.parametrize("share", [0.0, 0.25, 0.5])
def test_unlabelled_speech_is_mixed_in_at_the_wanted_share(share):
    corpus = corpus_of({"anger": 60, "fear": 60, None: 90})
    batches = everything(corpus, ClassBatchConfig(unlabelled_share=share))
    shares = [np.mean([corpus[position][1] is None for position in batch]) for batch in batches]
    total = np.mean([corpus[position][1] is None for batch in batches for position in batch])
    assert total == pytest.approx(share, abs=0.01)
    assert np.std(shares) < 0.12


def test_unlabelled_speech_is_used_evenly_over_epochs():
    corpus = corpus_of({"anger": 20, None: 50})
    used = Counter(
        position
        for epoch in range(5)
        for batch in everything(corpus, ClassBatchConfig(unlabelled_share=1 / 3), epoch)
        for position in batch
        if corpus[position][1] is None
    )
    assert set(used.values()) == {1}
    assert len(used) == 50


def test_epochs_differ_and_repeat():
    plan = plans(corpus_of({"anger": 30, "fear": 30, None: 30}), ClassBatchConfig())[0]
    assert plan.batches(0) == plan.batches(0)
    assert plan.batches(0) != plan.batches(1)


@pytest.mark.parametrize(
    ("corpus", "by_class", "complaint"),
    [
        ({None: 3}, {}, "need labelled utterances"),
        ({"fear": 4}, {"unlabelled_share": 0.5}, "wants unlabelled utterances"),
        ({"fear": 30}, {"per_class": 20}, "does not hold 20 of"),
        ({"fear": 4}, {"per_class": 0}, "per_class must be at least 1"),
        ({"fear": 4}, {"balance": 2.0}, "balance must lie between 0 and 1"),
        ({"fear": 4}, {"unlabelled_share": 1.0}, "unlabelled_share must lie in"),
    ],
)
def test_what_cannot_be_planned_is_said(corpus, by_class, complaint):
    with pytest.raises(ValueError, match=complaint):
        plans(corpus_of(corpus), ClassBatchConfig(**by_class))
