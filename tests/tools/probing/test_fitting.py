"""The grid of a fold: chosen on validation alone, learnt where there is something to learn, the same every time."""

from dataclasses import replace

import pytest
import torch

from c2ser_lightning.models.feature_cache import FeatureCache
from tools.probing.feature_store import FeatureStore
from tools.probing.fitting import Example, FeatureBatches, FeatureSource, FoldFitter
from tools.probing.settings import Protocol

CLASSES, WIDTH = 3, 6
QUICK = Protocol(epochs=4, batch_size=8, hidden=[8, 16], learning_rates=[1e-2, 1e-4])


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """Forty-five utterances of 4 to 8 frames; the class raises one dimension."""
    made = FeatureStore(tmp_path_factory.mktemp("features"), "print")
    generator = torch.Generator().manual_seed(0)
    for number in range(45):
        frames = torch.randn(4 + number % 5, WIDTH, generator=generator)
        frames[:, number % CLASSES] += 1.5
        made.write(f"{number:04d}", frames)
    return made


def examples(start: int, stop: int) -> list[Example]:
    return [Example(f"{number:04d}", number % CLASSES) for number in range(start, stop)]


def fitter(store, protocol: Protocol = QUICK, megabytes: int = 10) -> FoldFitter:
    return FoldFitter(FeatureSource(store, FeatureCache(megabytes)), protocol, CLASSES, torch.device("cpu"))


def test_what_can_be_learnt_is_learnt_and_tested(store):
    made = fitter(store, replace(QUICK, epochs=15))
    fitted = made.fit(examples(0, 24), examples(24, 33))
    counts = made.test(fitted.probe, examples(33, 45))
    assert counts.sum() == 12
    assert counts.diagonal().sum() >= 10
    assert counts[:, -1].sum() == 0


def test_every_grid_point_is_tried_and_the_best_on_validation_is_chosen(store):
    made = fitter(store)
    validation = examples(24, 33)
    fitted = made.fit(examples(0, 24), validation)
    assert [(trial.learning_rate, trial.hidden) for trial in fitted.trials] == [
        (1e-2, 8),
        (1e-2, 16),
        (1e-4, 8),
        (1e-4, 16),
    ]
    assert fitted.chosen == max(fitted.trials, key=lambda trial: trial.score)
    counts = made.test(fitted.probe, validation)
    assert float((counts.diagonal() / counts.sum(1)).mean()) == pytest.approx(fitted.chosen.score)
    assert fitted.probe.head.config.hidden == fitted.chosen.hidden


def test_labels_of_the_test_list_cannot_influence_what_is_chosen(store):
    """Swap all test labels, and even test in between: the chosen point and every weight stay, only the score moves."""
    outcomes = []
    for shift in (0, 1):
        made = fitter(store)
        swapped = [Example(one.digest, (one.label + shift) % CLASSES) for one in examples(33, 45)]
        made.test(made.fit(examples(0, 24), examples(24, 33)).probe, swapped)
        fitted = made.fit(examples(0, 24), examples(24, 33))
        outcomes.append((fitted, made.test(fitted.probe, swapped)))
    (first, right), (second, wrong) = outcomes
    assert (first.trials, first.chosen) == (second.trials, second.chosen)
    weights = second.probe.head.state_dict()
    assert all(torch.equal(value, weights[name]) for name, value in first.probe.head.state_dict().items())
    assert right.diagonal().sum() > wrong.diagonal().sum()


def test_the_choice_follows_the_validation_labels(store):
    right = fitter(store).fit(examples(0, 24), examples(24, 33))
    wrong = [Example(one.digest, (one.label + 1) % CLASSES) for one in examples(24, 33)]
    assert fitter(store).fit(examples(0, 24), wrong).chosen.score < right.chosen.score


def test_memory_bounds_do_not_change_the_result(store):
    kept, read_each_time = (fitter(store, megabytes=size).fit(examples(0, 24), examples(24, 33)) for size in (10, 0))
    assert kept.trials == read_each_time.trials


def test_patience_stops_early(store):
    tried = fitter(store, replace(QUICK, epochs=200, patience=2, learning_rates=[1e-2], hidden=[8]))
    fitted = tried.fit(examples(0, 24), examples(24, 33))
    assert fitted.probe.current_epoch < 60


def test_an_epoch_holds_every_example_once_in_an_order_of_its_own(store):
    source = FeatureSource(store, FeatureCache(0))
    unique = [Example(f"{number:04d}", number) for number in range(20)]
    batches = FeatureBatches(source, unique, 8, shuffle_seed=0)
    epochs = [[int(label) for batch in batches for label in batch.labels] for _ in range(2)]
    assert len(batches) == 3
    assert sorted(epochs[0]) == sorted(epochs[1]) == list(range(20))
    assert epochs[0] != epochs[1]
    again = FeatureBatches(source, unique, 8, shuffle_seed=0)
    assert [int(label) for batch in again for label in batch.labels] == epochs[0]


def test_the_probe_that_is_tested_is_that_of_its_best_epoch_not_of_its_last(store):
    """A training that ends with the best epoch of a longer one has the very same weights."""
    longer = replace(QUICK, epochs=12, learning_rates=[0.7], hidden=[8])
    fitted = fitter(store, longer).fit(examples(0, 24), examples(24, 33))
    assert fitted.chosen.epoch < 11
    shorter = fitter(store, replace(longer, epochs=fitted.chosen.epoch + 1)).fit(examples(0, 24), examples(24, 33))
    for name, value in shorter.probe.head.state_dict().items():
        assert torch.equal(value, fitted.probe.head.state_dict()[name]), name
