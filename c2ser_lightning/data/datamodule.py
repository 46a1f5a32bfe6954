"""The DataModule: shard folders in, bucketed batches out, and the ledger of what was left out."""

import json
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import lightning.pytorch as pl
import numpy as np
import torch
from lightning.pytorch.trainer.states import TrainerFn
from numpy.typing import NDArray
from tqdm import tqdm

from c2ser_lightning.data.bucketing import BatchConfig, BatchPlan, BucketPlan
from c2ser_lightning.data.class_batches import ClassBatchConfig, ClassPlan
from c2ser_lightning.data.dataset import ShardDataset
from c2ser_lightning.data.ledger import Ledger, Skip
from c2ser_lightning.data.loader import EpochLoader, Position
from c2ser_lightning.data.perturbation import SpeedPerturbation
from c2ser_lightning.data.shard_index import ShardError, ShardIndex
from c2ser_lightning.data.token_batches import MeasuresSequences, TokenPlan
from c2ser_lightning.emotions import EMOTION_INDEX, EMOTIONS


@dataclass
class SplitConfig:
    """Which shards serve which purpose: the part of the file name before ``-000000.tar``."""

    train: str = "train"
    validation: str = "dev"
    test: str = "test"
    predict: str = "test"


@dataclass
class FilterConfig:
    """Which utterances take part (paper IV-A: at most 20 s).

    Attributes:
        min_seconds: Shorter clips are left out and named in the ledger.
        max_seconds: Longer clips are left out and named in the ledger.
        labelled_only: Leave out utterances without an emotion (only Emotion2Vec-S learns from them).
    """

    min_seconds: float = 0.2
    max_seconds: float = 20.0
    labelled_only: bool = True


@dataclass
class LoaderConfig:
    """Worker processes and determinism of the loaders.

    Attributes:
        workers: Decoding processes per loader; 0 decodes in the main process.
        seed: Seed of the training order.
        strict: Stop at the first unusable utterance instead of noting it in the ledger.
    """

    workers: int = 2
    seed: int = 0
    strict: bool = False


class EmotionDataModule(pl.LightningDataModule):
    """Serves batches from one or several shard folders.

    The label set of an evaluation is fixed here (``emotions``), since WA, UA and Macro-F1 depend on it.
    """

    def __init__(
        self,
        shards: str | list[str],
        emotions: list[str] | None = None,
        splits: SplitConfig | None = None,
        batch: BatchConfig | None = None,
        filters: FilterConfig | None = None,
        loader: LoaderConfig | None = None,
        by_class: ClassBatchConfig | None = None,
        speeds: list[float] | None = None,
        vectors: bool = False,
    ) -> None:
        """Keep the settings; shards are opened in :meth:`setup`.

        Args:
            shards: Folder or folders written by ``tools.make_shards``.
            emotions: Label set of the test set; utterances with another label are left out. All seven by default.
            splits: File-name prefixes of the splits.
            batch: Batch budgets.
            filters: Which utterances take part.
            loader: Workers and seed.
            by_class: Fill training batches by class; by length alone without it.
            speeds: Train on each utterance at one of these speeds, drawn anew in every epoch, such as [0.9, 1.0, 1.1];
                as recorded without it. Meant for Emotion2Vec-S: the texts of both stages tell the recorded levels.
            vectors: Read the Emotion2Vec-S vectors that ``make_shards --vectors`` put beside the sound, so that C2SER
                need not ask the encoder. They have to be of the model's own ``acoustic`` checkpoint.

        Raises:
            ValueError: ``emotions`` names an unknown emotion, ``speeds`` has one out of bounds, batches are asked
                for by class and by tokens, or vectors for other speeds than the recorded ones.
        """
        super().__init__()
        self.folders = [Path(folder) for folder in ([shards] if isinstance(shards, str) else shards)]
        self.emotions = tuple(emotions or EMOTIONS)
        unknown = [name for name in self.emotions if name not in EMOTION_INDEX]
        if unknown:
            raise ValueError(f"unknown emotions {unknown}; choose from {', '.join(EMOTIONS)}")
        self.splits = splits or SplitConfig()
        self.batch = batch or BatchConfig()
        self.filters = filters or FilterConfig()
        self.loader = loader or LoaderConfig()
        self.by_class = by_class
        self.speeds = SpeedPerturbation(speeds, self.loader.seed) if speeds is not None else None
        if by_class is not None and self.batch.max_tokens is not None:
            raise ValueError("batches are filled by class (by_class) or by tokens (batch.max_tokens), not by both")
        if vectors and speeds is not None:
            raise ValueError("vectors are of the speech as recorded: leave out speeds, or vectors")
        self.vectors = vectors
        self.ledger = Ledger(strict=self.loader.strict)
        self._indexes: dict[str, list[ShardIndex]] = {}

    @property
    def corpus_name(self) -> str:
        """Names of the shard folders, for titles."""
        return " + ".join(folder.name for folder in self.folders)

    @property
    def synthetic(self) -> bool:
        """Whether any folder says in its ``info.json`` that its speech is synthetic."""
        return any(_info(folder).get("synthetic", False) for folder in self.folders)

    def setup(self, stage: str) -> None:
        """Open the splits that a stage needs; every needed split must exist and hold usable utterances."""
        for split in self._splits_of(stage):
            self._indexes.setdefault(split, self._open(split))

    def _splits_of(self, stage: str) -> set[str]:
        names = self.splits
        by_stage = {
            "fit": {names.train, names.validation},
            "validate": {names.validation},
            "test": {names.test},
            "predict": {names.predict},
        }
        return by_stage[stage]

    def _open(self, split: str) -> list[ShardIndex]:
        indexes = [self._filter(ShardIndex.load(folder, split, self.ledger)) for folder in self.folders]
        if not sum(map(len, indexes)):
            folders = ", ".join(map(str, self.folders))
            raise ShardError(f"no usable utterance in split {split!r} of {folders}: {self.ledger.summary()}")
        return indexes

    def _filter(self, index: ShardIndex) -> ShardIndex:
        kept = []
        for position, (_, entry) in enumerate(index.entries):
            reason = self._objection(entry.duration, entry.emotion)
            if reason is None:
                kept.append(position)
            else:
                self.ledger.add(Skip(entry.key, *reason, index.source(position)))
        return index.select(kept)

    def _objection(self, duration: float, emotion: str | None) -> tuple[str, str] | None:
        if duration < self.filters.min_seconds:
            return "too_short", f"{duration:.2f} s is shorter than {self.filters.min_seconds} s"
        if duration > self.filters.max_seconds:
            return "too_long", f"{duration:.1f} s is longer than {self.filters.max_seconds} s"
        if emotion is None and self.filters.labelled_only:
            return "unlabelled", "no emotion label, and labelled_only is set"
        if emotion is not None and emotion not in self.emotions:
            return "outside_label_set", f"{emotion} is not in the label set"
        return None

    def train_dataloader(self) -> EpochLoader:
        """Shuffled batches, continued at the trainer's own position after a resume."""
        return self._loader(self.splits.train, shuffle=True)

    def val_dataloader(self) -> EpochLoader:
        """All validation utterances, once."""
        return self._loader(self.splits.validation, shuffle=False)

    def test_dataloader(self) -> EpochLoader:
        """All test utterances, once over all ranks."""
        return self._loader(self.splits.test, shuffle=False)

    def predict_dataloader(self) -> EpochLoader:
        """All utterances to predict, once over all ranks."""
        return self._loader(self.splits.predict, shuffle=False)

    def _loader(self, split: str, *, shuffle: bool) -> EpochLoader:
        return EpochLoader(
            ShardDataset(self._indexes[split], self.speeds if shuffle else None, vectors=self.vectors),
            self._plan(split, shuffle=shuffle),
            ledger=self.ledger,
            workers=self.loader.workers,
            pin_memory=torch.cuda.is_available(),
            position=self._train_position if shuffle else Position,
        )

    def _plan(self, split: str, *, shuffle: bool) -> BatchPlan:
        entries = [entry for index in self._indexes[split] for _, entry in index.entries]
        longest = self.speeds.longest if self.speeds is not None and shuffle else 1.0
        durations, seed = [entry.duration * longest for entry in entries], self.loader.seed
        rank, world_size = (self.trainer.global_rank, self.trainer.world_size) if self.trainer else (0, 1)
        if shuffle and self.batch.max_tokens is not None:
            tokens = self._sequence_tokens(split, longest)
            return TokenPlan(durations, tokens, self.batch, seed=seed, rank=rank, world_size=world_size)
        if self.by_class is None or not shuffle:
            return BucketPlan(durations, self.batch, shuffle=shuffle, seed=seed, rank=rank, world_size=world_size)
        emotions = [entry.emotion for entry in entries]
        return ClassPlan(durations, emotions, self.batch, self.by_class, seed=seed, rank=rank, world_size=world_size)

    def _sequence_tokens(self, split: str, longest: float) -> NDArray[np.int64]:
        """Ask the module how long a split's sequences will be, durations times ``longest``, the slowest speed.

        A record that cannot be read counts by its duration.
        """
        module: object = self.trainer.lightning_module if self.trainer else None
        if not isinstance(module, MeasuresSequences):
            raise TypeError("batch.max_tokens is for training C2SER; leave it out elsewhere")
        total = sum(map(len, self._indexes[split]))
        entries = ((index, position) for index in self._indexes[split] for position in range(len(index)))
        entries = tqdm(entries, "reading texts", total, unit="utt", leave=False)
        records = [index.peek(position) for index, position in entries]
        return module.sequence_tokens([replace(record, duration=record.duration * longest) for record in records])

    def _train_position(self) -> Position:
        if self.trainer is None:
            return Position()
        progress = self.trainer.fit_loop.epoch_loop.batch_progress.current
        return Position(self.trainer.current_epoch, progress.ready)

    def training_counts(self) -> dict[str, int]:
        """Return how many utterances of each emotion the opened training split has."""
        entries = (entry for index in self._indexes[self.splits.train] for _, entry in index.entries)
        found = Counter(entry.emotion for entry in entries if entry.emotion is not None)
        return {emotion: found[emotion] for emotion in EMOTIONS}

    def vector_checksums(self) -> dict[Path, str | None]:
        """Return for each folder the checksum of the checkpoint behind its vectors, or ``None`` where it has none."""
        return {folder: _info(folder).get("vectors", {}).get("sha256") for folder in self.folders}

    def training_languages(self) -> list[str]:
        """Return the languages of the training split: by ``info.json``, by the records of a folder without it."""
        split, found = self.splits.train, set[str]()
        for folder, index in zip(self.folders, self._indexes[split], strict=True):
            info = _info(folder).get("splits", {}).get(split, {})
            found |= set(info.get("languages") or (index.peek(position).language for position in range(len(index))))
        return sorted(found - {""})

    def load_audio(self, key: str) -> bytes | None:
        """Return an utterance's encoded FLAC from any opened split, or ``None``."""
        for index in (index for indexes in self._indexes.values() for index in indexes):
            position = index.position(key)
            if position is not None:
                return index.read_audio(position)
        return None

    def teardown(self, stage: str) -> None:
        """Write ``ledger-<stage>.jsonl`` beside the run's logs and say in one line what was left out.

        Every rank meets its own utterances, so every rank but the first writes a file of its own name.
        """
        if self.trainer is None:
            return
        folder = Path(self.trainer.log_dir or self.trainer.default_root_dir)  # log_dir waits for all ranks
        if not len(self.ledger):
            return
        rank = "" if self.trainer.is_global_zero else f"-rank{self.trainer.global_rank}"
        path = folder / f"ledger-{TrainerFn(stage).value}{rank}.jsonl"
        self.ledger.write(path)
        pl.utilities.rank_zero_info(f"{self.ledger.summary()}; each is named in {path}")


def _info(folder: Path) -> dict[str, Any]:
    """Return what ``info.json`` says of a shard folder; nothing where there is none."""
    path = folder / "info.json"
    info: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return info
