"""From a test's predictions to scores, files and a page; exact however the utterances were spread over ranks."""

import datetime
import time
from pathlib import Path
from typing import Any

import lightning.pytorch as pl
from lightning.pytorch.loggers import TensorBoardLogger

from c2ser_lightning.data.datamodule import EmotionDataModule
from c2ser_lightning.metrics.recognition import RecognitionScores
from c2ser_lightning.report.confusion_figure import confusion_figure
from c2ser_lightning.report.html import write_report
from c2ser_lightning.report.predictions import Prediction, read_predictions, write_predictions
from c2ser_lightning.report.results import PREDICTIONS_FILE, Result
from c2ser_lightning.report.scoring import FurtherScores, Scoring
from c2ser_lightning.report.selection import choose_examples
from c2ser_lightning.report.tables import score_table


class EvaluationReport(pl.Callback):
    """Writes ``metrics.json``, ``predictions.jsonl`` and ``report.html`` after ``test``; predictions after ``predict``.

    The module's ``predict_step`` returns a list of :class:`Prediction`, its ``test_step`` ``{"predictions": <that>}``.
    """

    def __init__(self, name: str = "model", directory: str | None = None, examples: int = 28) -> None:
        """Configure the report.

        Args:
            name: The system's name in tables.
            directory: Where to write; the run's log folder by default.
            examples: Utterances whose audio is embedded in the page.
        """
        super().__init__()
        self.name, self.directory, self.examples = name, directory, examples
        self._predictions: list[Prediction] = []
        self._scoring: Scoring | None = None
        self._started = 0.0
        self._folder = Path()

    def on_test_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Begin with empty counts over the label set of the test set."""
        self._begin(trainer)
        self._scoring = Scoring(_datamodule(trainer).emotions).to(pl_module.device)

    def on_test_batch_start(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, batch: Any, batch_idx: int, dataloader_idx: int = 0
    ) -> None:
        """Start the clock of a batch."""
        self._started = time.perf_counter()

    def on_test_batch_end(
        self,
        trainer: pl.Trainer,
        pl_module: pl.LightningModule,
        outputs: Any,
        batch: Any,
        batch_idx: int,
        dataloader_idx: int = 0,
    ) -> None:
        """Count a batch of predictions."""
        assert self._scoring is not None
        seconds = time.perf_counter() - self._started  # answers are on the host, so the device is done
        predictions: list[Prediction] = outputs["predictions"]
        self._predictions += predictions
        self._scoring.update(predictions)
        speech = sum(prediction.duration for prediction in predictions)
        tokens = sum(prediction.tokens for prediction in predictions)
        self._scoring.efficiency.update(seconds, len(predictions), speech, tokens)

    def on_test_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Merge the ranks, write the files, log the scores and print the table."""
        assert self._scoring is not None
        scores, further = self._scoring.compute()
        pl_module.log_dict(
            {f"test/{name}": getattr(scores, name) for name in ("wa", "ua", "macro_f1", "unparsed_rate")}
        )
        predictions = self._merge(trainer)
        if not trainer.is_global_zero:
            return
        languages = getattr(pl_module, "training_languages", ())
        result = self._result(_datamodule(trainer), scores, further, predictions, languages)
        result.write(self._folder)
        write_report([result], self._folder / "report.html")
        for logger in trainer.loggers:
            if isinstance(logger, TensorBoardLogger):
                logger.experiment.add_figure("test/confusion", confusion_figure(scores), trainer.global_step)
        print(f"\n{score_table([result])}\nreport: {self._folder / 'report.html'}", flush=True)

    def _result(
        self,
        data: EmotionDataModule,
        scores: RecognitionScores,
        further: FurtherScores,
        predictions: list[Prediction],
        languages: tuple[str, ...],
    ) -> Result:
        chosen = choose_examples([predictions], self.examples)
        audio = {key: encoded for key in chosen if (encoded := data.load_audio(key)) is not None}
        today = datetime.datetime.now(tz=datetime.UTC).date().isoformat()
        header = (self.name, data.corpus_name, data.synthetic, today)
        return Result(*header, scores, predictions, audio, further, languages)

    def on_predict_batch_end(
        self,
        trainer: pl.Trainer,
        pl_module: pl.LightningModule,
        outputs: Any,
        batch: Any,
        batch_idx: int,
        dataloader_idx: int = 0,
    ) -> None:
        """Collect predictions, labelled or not."""
        self._predictions += outputs or []

    def on_predict_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Begin empty."""
        self._begin(trainer)

    def on_predict_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Merge the ranks and write ``predictions.jsonl``."""
        predictions = self._merge(trainer)
        if trainer.is_global_zero:
            path = self._folder / PREDICTIONS_FILE
            write_predictions(path, predictions)
            print(f"{len(predictions)} predictions: {path}", flush=True)

    def _merge(self, trainer: pl.Trainer) -> list[Prediction]:
        """Return all ranks' predictions sorted by key; ranks meet through files, whose number does not matter."""
        if trainer.world_size == 1:
            return sorted(self._predictions, key=lambda prediction: prediction.key)
        parts = [self._folder / f"predictions-rank{rank}.jsonl" for rank in range(trainer.world_size)]
        write_predictions(parts[trainer.global_rank], self._predictions)
        trainer.strategy.barrier("predictions")
        merged = [row for part in parts for row in read_predictions(part)] if trainer.is_global_zero else []
        trainer.strategy.barrier("predictions merged")
        parts[trainer.global_rank].unlink()
        return sorted(merged, key=lambda prediction: prediction.key)

    def _begin(self, trainer: pl.Trainer) -> None:
        """Forget earlier predictions and fix the folder; here, since ``log_dir`` waits until all ranks ask for it."""
        self._predictions = []
        self._folder = Path(self.directory or trainer.log_dir or trainer.default_root_dir)


def _datamodule(trainer: pl.Trainer) -> EmotionDataModule:
    datamodule = trainer.datamodule  # type: ignore[attr-defined]
    if not isinstance(datamodule, EmotionDataModule):
        raise TypeError("EvaluationReport needs an EmotionDataModule: it fixes the label set and holds the audio")
    return datamodule
