"""Ask a system in one wording about one test set, once: answers are kept in files named by what they depend on."""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import lightning.pytorch as pl

from c2ser_lightning.data.datamodule import EmotionDataModule
from c2ser_lightning.modules.cot import CoTModule
from c2ser_lightning.modules.prompted import Prompted
from c2ser_lightning.report.predictions import Prediction, read_predictions, write_predictions
from tools.tested_system import TestedSystem

ANSWERS_FOLDER = "answers"


@dataclass(frozen=True, slots=True)
class TestSet:
    """A test set under its name in tables."""

    __test__ = False  # no test case, whatever pytest thinks of the name

    name: str
    data: EmotionDataModule

    def written(self) -> dict[str, Any]:
        """Return what decides which speech is heard and which labels may be answered."""
        tars = [tar for folder in self.data.folders for tar in sorted(folder.glob(f"{self.data.splits.test}-*.tar"))]
        files = [(tar.name, tar.stat().st_size, tar.stat().st_mtime_ns) for tar in tars]
        return {"emotions": self.data.emotions, "filters": asdict(self.data.filters), "tars": files}


class Asker:
    """Loads a system when there is something to ask, keeps what it answers, and asks nothing twice."""

    def __init__(self, system: TestedSystem, out: Path, cache_megabytes: int) -> None:
        """Prepare to ask.

        Args:
            system: Whom to ask, not yet loaded.
            out: The answers go into its folder ``answers``.
            cache_megabytes: Host memory for features of the encoders, which are the same under every wording.

        Raises:
            TypeError: The system has no wordings.
        """
        if not isinstance(system.module, Prompted):
            raise TypeError(f"{type(system.module).__name__} is not asked in words; it has no wordings to compare")
        self.prompted: Prompted = system.module
        self.system, self.out, self.cache_megabytes = system, out, cache_megabytes
        self._loaded = False
        self._heard: TestSet | None = None

    def file(self, test_set: TestSet, wording: str) -> Path:
        """Return where the answers to a wording lie, once they are there."""
        path = self.system.checkpoint
        weights = (path.stat().st_size, path.stat().st_mtime_ns) if path is not None and path.is_file() else None
        depends = [wording, weights, self.system.config, asdict(self.system.trainer), test_set.written()]
        digest = hashlib.sha256(json.dumps(depends, sort_keys=True, default=str).encode()).hexdigest()[:16]
        return self.out / ANSWERS_FOLDER / f"{test_set.name}-{digest}.jsonl"

    def answers(self, test_set: TestSet, wording: str) -> list[Prediction]:
        """Return the answers to a wording, sorted by corpus and key."""
        path = self.file(test_set, wording)
        if not path.is_file():
            unfinished = path.with_suffix(".partial")
            write_predictions(unfinished, self._ask(test_set, wording))
            unfinished.replace(path)
        return read_predictions(path)

    def _ask(self, test_set: TestSet, wording: str) -> list[Prediction]:
        self._load()
        if test_set is not self._heard:
            self._forget_features()
            self._heard = test_set
        self.prompted.ask_with(wording)
        settings, collector = self.system.trainer, _Collector()
        trainer = pl.Trainer(
            accelerator=settings.accelerator,
            devices=1,
            precision=settings.precision,  # type: ignore[arg-type]
            limit_test_batches=settings.limit_test_batches,
            callbacks=[collector],
            default_root_dir=self.out / ANSWERS_FOLDER / test_set.name,  # of the ledger
            logger=False,
            enable_checkpointing=False,
            enable_model_summary=False,
            use_distributed_sampler=False,
        )
        trainer.test(self.system.module, datamodule=test_set.data, verbose=False)
        return sorted(collector.answers, key=lambda row: (row.corpus, row.key))

    def _load(self) -> None:
        """Load the weights, and let frozen parts be asked once: all of them are frozen now."""
        if self._loaded:
            return
        module = self.system.module
        if isinstance(module, CoTModule) and (module.acoustic is None or module.acoustic.encoder.exact_padding):
            module.cache_megabytes = max(module.cache_megabytes, self.cache_megabytes)
        self.system.load()
        module.freeze()
        self._loaded = True

    def _forget_features(self) -> None:
        """Empty the caches: another set may have other speech under the same keys."""
        if isinstance(self.system.module, CoTModule):
            for cache in self.system.module.c2ser.caches.values():
                cache.clear()


class _Collector(pl.Callback):
    """Keeps the answers of a test."""

    def __init__(self) -> None:
        self.answers: list[Prediction] = []

    def on_test_batch_end(
        self,
        trainer: pl.Trainer,
        pl_module: pl.LightningModule,
        outputs: Any,
        batch: Any,
        batch_idx: int,
        dataloader_idx: int = 0,
    ) -> None:
        """Take a batch's answers."""
        self.answers += outputs["predictions"]
