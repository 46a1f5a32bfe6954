import itertools
from collections import Counter

import numpy as np
import pytest

from c2ser_lightning.data.audio import SAMPLE_RATE
from c2ser_lightning.data.bucketing import BatchConfig
from c2ser_lightning.data.datamodule import EmotionDataModule, LoaderConfig
from c2ser_lightning.data.loader import EpochLoader, Position
from c2ser_lightning.data.perturbation import SpeedPerturbation
from tests.shards import write_split


@pytest.mark.parametrize("factor", [0.8, 1.0, 1.25])
def test_faster_speech_is_shorter_and_higher_by_the_same_factor(factor):
    time = np.arange(SAMPLE_RATE) / SAMPLE_RATE
    heard = SpeedPerturbation.apply(np.sin(2 * np.pi * 400 * time).astype(np.float32), factor)
    assert len(heard) == round(SAMPLE_RATE / factor)
    peak = np.abs(np.fft.rfft(heard)).argmax() * SAMPLE_RATE / len(heard)
    assert peak == pytest.approx(400 * factor, abs=1)
    assert heard.dtype == np.float32


def test_draws_are_even_independent_and_repeatable():
    speeds = SpeedPerturbation([0.9, 1.0, 1.1], seed=4)
    drawn = [speeds.factor(epoch, position) for epoch in range(30) for position in range(30)]
    assert drawn == [speeds.factor(epoch, position) for epoch in range(30) for position in range(30)]
    assert all(count == pytest.approx(300, abs=60) for count in Counter(drawn).values())
    pairs = Counter(itertools.pairwise(drawn))
    assert all(pairs[first, second] == pytest.approx(100, abs=35) for first in (0.9, 1.1) for second in (0.9, 1.1))
    assert drawn != [SpeedPerturbation([0.9, 1.0, 1.1], seed=5).factor(epoch, 0) for epoch in range(900)]


@pytest.mark.parametrize("factors", [[], [0.1], [1.0, 3.0]])
def test_impossible_speeds_are_refused(factors):
    with pytest.raises(ValueError, match=r"between 0\.5 and 2\.0"):
        SpeedPerturbation(factors)


def module(folder, workers=0, **settings) -> EmotionDataModule:
    made = EmotionDataModule(str(folder), loader=LoaderConfig(workers=workers, seed=1), **settings)
    made.setup("fit")
    return made


@pytest.fixture
def shards(tmp_path):
    write_split(tmp_path, "train", [0.4 + 0.02 * number for number in range(12)])
    write_split(tmp_path, "dev", [0.5, 0.6])
    return tmp_path


def epoch(made: EmotionDataModule, position: Position) -> list:
    whole = made.train_dataloader()
    return list(
        EpochLoader(
            whole._dataset,
            whole._plan,
            ledger=whole._ledger,
            workers=made.loader.workers,
            pin_memory=False,
            position=lambda: position,
        )
    )


def test_training_speech_changes_from_epoch_to_epoch_and_validation_speech_never(shards):
    made = module(shards, speeds=[0.8, 1.0, 1.25])
    first, second = epoch(made, Position(0)), epoch(made, Position(1))
    assert {key for batch in first for key in batch.keys} != {key for batch in second for key in batch.keys}
    for batch in first:
        recorded = [record.duration * SAMPLE_RATE for record in batch.records]
        assert batch.lengths == pytest.approx(
            [s / speed for s, speed in zip(recorded, batch.speeds, strict=True)], abs=1
        )
    dev = next(iter(made.val_dataloader()))
    assert dev.speeds == [1.0, 1.0]
    assert dev.keys == [f"toy/{record.key}" for record in dev.records]


def test_each_speed_of_an_utterance_has_a_name_of_its_own(shards):
    made = module(shards, speeds=[0.8, 1.0, 1.25])
    heard: dict[str, int] = {}
    for number in range(4):
        for batch in epoch(made, Position(number)):
            for key, length in zip(batch.keys, batch.lengths, strict=True):
                assert heard.setdefault(key, length) == length
    assert len(heard) > 12


@pytest.mark.parametrize("workers", [0, 2])
def test_a_resumed_epoch_hears_the_same_speeds(shards, workers):
    settings = {"speeds": [0.8, 1.0, 1.25], "batch": BatchConfig(max_utterances=3)}
    whole = epoch(module(shards, **settings), Position(2))
    resumed = epoch(module(shards, workers, **settings), Position(2, 2))
    assert [batch.speeds for batch in resumed] == [batch.speeds for batch in whole[2:]]
    assert all((one.waveforms == other.waveforms).all() for one, other in zip(resumed, whole[2:], strict=True))


def test_slowed_batches_keep_the_budget_of_seconds(shards):
    made = module(shards, speeds=[0.5], batch=BatchConfig(max_seconds=3.0, shuffle_spread=0.0))
    batches = epoch(made, Position(0))
    assert sum(batch.size for batch in batches) == 12
    assert all(batch.waveforms.numel() <= 3.0 * SAMPLE_RATE for batch in batches)
