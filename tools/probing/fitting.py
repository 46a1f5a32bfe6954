"""Probe one fold: train every grid point, choose one on validation, and only then look at the test list."""

import contextlib
import logging
import math
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import lightning.pytorch as pl
import numpy as np
import torch
from lightning.pytorch.callbacks import EarlyStopping
from torch import Tensor

from c2ser_lightning.models.feature_cache import FeatureCache, pad_frames
from c2ser_lightning.models.probe_head import ProbeHeadConfig
from c2ser_lightning.modules.feature_probe import FeatureBatch, FeatureProbe
from tools.probing.feature_store import FeatureStore
from tools.probing.settings import Protocol


@dataclass(frozen=True, slots=True)
class Example:
    """Features of an utterance by digest, and its class id."""

    digest: str
    label: int


@dataclass(frozen=True, slots=True)
class FeatureSource:
    """Where features come from: the disk, and as much host memory as allowed in front of it."""

    store: FeatureStore
    memory: FeatureCache

    def batch(self, examples: Sequence[Example]) -> FeatureBatch:
        """Return the padded features of some utterances."""
        digests = [example.digest for example in examples]
        frames, valid = self.memory.fetch(digests, torch.device("cpu"), lambda rows: self._read(digests, rows))
        return FeatureBatch(frames, valid, torch.tensor([example.label for example in examples]))

    def _read(self, digests: Sequence[str], rows: Sequence[int]) -> tuple[Tensor, Tensor]:
        return pad_frames([self.store.read(digests[row]) for row in rows])


class FeatureBatches:
    """Batches of examples; shuffled anew in each epoch from (seed, epoch), or in order."""

    def __init__(
        self, source: FeatureSource, examples: Sequence[Example], size: int, *, shuffle_seed: int | None = None
    ) -> None:
        """Plan batches of ``size``; without ``shuffle_seed`` in the given order."""
        self._source, self._examples, self._size, self._seed = source, examples, size, shuffle_seed
        self._epoch = 0

    def __len__(self) -> int:
        """Return the number of batches."""
        return math.ceil(len(self._examples) / self._size)

    def __iter__(self) -> Iterator[FeatureBatch]:
        """Yield an epoch's batches."""
        order = np.arange(len(self._examples))
        if self._seed is not None:
            order = np.random.default_rng((self._seed, self._epoch)).permutation(order)
        self._epoch += 1
        for start in range(0, len(order), self._size):
            yield self._source.batch([self._examples[place] for place in order[start : start + self._size]])


@dataclass(frozen=True, slots=True)
class Trial:
    """One point of the grid after training.

    Attributes:
        learning_rate: Learning rate.
        hidden: Hidden width.
        score: Best validation score.
        epoch: Epoch that reached it, from 0.
    """

    learning_rate: float
    hidden: int
    score: float
    epoch: int


@dataclass(frozen=True, slots=True)
class Fitted:
    """The grid's trials in order, the chosen one, and its probe at its best epoch."""

    trials: list[Trial]
    chosen: Trial
    probe: FeatureProbe


class FoldFitter:
    """Trains the grid of one fold. It is given train and validation; test comes later, to :meth:`test`."""

    def __init__(self, source: FeatureSource, protocol: Protocol, classes: int, device: torch.device) -> None:
        """Set up for a label set of ``classes``."""
        self._source, self._protocol, self._classes, self._device = source, protocol, classes, device

    def fit(self, train: Sequence[Example], validation: Sequence[Example]) -> Fitted:
        """Train every grid point and keep the one with the best validation score; of equals the first."""
        best: tuple[Trial, FeatureProbe] | None = None
        trials = []
        for learning_rate in self._protocol.learning_rates:
            for hidden in self._protocol.hidden:
                probe = self._train(learning_rate, hidden, train, validation)
                trials.append(Trial(learning_rate, hidden, probe.best_score, probe.best_epoch))
                if best is None or trials[-1].score > best[0].score:
                    best = trials[-1], probe
        assert best is not None
        return Fitted(trials, *best)

    @torch.inference_mode()
    def test(self, probe: FeatureProbe, examples: Sequence[Example]) -> Tensor:
        """Return the confusion counts ``[K, K + 1]`` of a probe."""
        probe.to(self._device).eval()
        counts = torch.zeros(self._classes, self._classes + 1, dtype=torch.long)
        for batch in FeatureBatches(self._source, examples, self._protocol.batch_size):
            counts += probe.counts(batch.to(self._device)).cpu()
        return counts

    def _train(
        self, learning_rate: float, hidden: int, train: Sequence[Example], validation: Sequence[Example]
    ) -> FeatureProbe:
        protocol = self._protocol
        dimension = self._source.batch(train[:1]).frames.shape[2]
        head = ProbeHeadConfig("emobox", hidden, protocol.normalize)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(protocol.seed)
            probe = FeatureProbe(head, dimension, self._classes, learning_rate, protocol.select_by)
        size = protocol.batch_size
        with _quiet():
            _trainer(protocol, self._device).fit(
                probe,
                FeatureBatches(self._source, train, size, shuffle_seed=protocol.seed),
                FeatureBatches(self._source, validation, size),
            )
        probe.restore_best()
        return probe


def _trainer(protocol: Protocol, device: torch.device) -> pl.Trainer:
    stopping: list[pl.Callback] = []
    if protocol.patience is not None:
        stopping.append(EarlyStopping("val/score", mode="max", patience=protocol.patience))
    return pl.Trainer(
        accelerator="gpu" if device.type == "cuda" else "cpu",
        devices=1,
        max_epochs=protocol.epochs,
        callbacks=stopping,
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        num_sanity_val_steps=0,
    )


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep Lightning from announcing the machine and its advice at every one of many short trainings."""
    logger = logging.getLogger("lightning.pytorch.utilities.rank_zero")
    level = logger.level
    logger.setLevel(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)
