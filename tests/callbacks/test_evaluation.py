"""The evaluation callback inside a Trainer, alone and on two gloo processes."""

import json
from datetime import timedelta
from pathlib import Path

import lightning.pytorch as pl
import pytest
from lightning.pytorch.loggers import TensorBoardLogger
from lightning.pytorch.strategies import DDPStrategy
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from torch import nn

from c2ser_lightning.callbacks import EvaluationReport
from c2ser_lightning.data.bucketing import BatchConfig
from c2ser_lightning.data.datamodule import EmotionDataModule, FilterConfig, LoaderConfig
from c2ser_lightning.emotions import EMOTIONS
from c2ser_lightning.report.predictions import Prediction, read_predictions
from tests.shards import members, record, write_split, write_tar


class Guesser(pl.LightningModule):
    """Answers by the number in the key: right, wrong or unparsed, the same in every process."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Linear(1, 1)

    def predict_step(self, batch, batch_idx):
        return [Prediction.of(item, guess(item.key), answer=f"It is {guess(item.key)}.") for item in batch.records]

    def test_step(self, batch, batch_idx):
        return {"predictions": self.predict_step(batch, batch_idx)}


def guess(key: str) -> str | None:
    number = int(key.removeprefix("utt"))
    return None if number % 5 == 0 else EMOTIONS[(number + (number % 3 == 0)) % 7]


def data(folder: Path, utterances: int = 14) -> EmotionDataModule:
    if not folder.exists():
        write_split(folder, "test", [0.3 + 0.01 * number for number in range(utterances)])
    batch, loader = BatchConfig(max_utterances=3), LoaderConfig(workers=0)
    return EmotionDataModule(str(folder), batch=batch, loader=loader, filters=FilterConfig(labelled_only=False))


def trainer(folder: Path, **options) -> pl.Trainer:
    settings = {"accelerator": "cpu", "devices": 1, "logger": TensorBoardLogger(str(folder), name="", version="")}
    quiet = {"enable_progress_bar": False, "enable_model_summary": False, "enable_checkpointing": False}
    return pl.Trainer(**{**settings, **quiet, "callbacks": [EvaluationReport(name="guesser")], **options})


def two_processes() -> DDPStrategy:
    """A rank that waits for another in vain fails after a minute instead of hanging the test."""
    return DDPStrategy(start_method="spawn", process_group_backend="gloo", timeout=timedelta(seconds=60))


def test_a_test_writes_scores_predictions_and_page(tmp_path):
    runner = trainer(tmp_path / "run")
    runner.test(Guesser(), datamodule=data(tmp_path / "toy"), verbose=False)
    metrics = json.loads((tmp_path / "run" / "metrics.json").read_text())
    assert {"wa", "ua", "macro_f1", "per_class", "confusion", "unparsed_rate", "n", "ci95"} <= metrics.keys()
    assert (metrics["name"], metrics["corpus"], metrics["n"], metrics["ignored"]) == ("guesser", "toy", 14, 0)
    assert metrics["unparsed_rate"] == pytest.approx(3 / 14)
    logged = {name: float(value) for name, value in runner.callback_metrics.items()}
    names = ("wa", "ua", "macro_f1", "unparsed_rate")
    assert logged == pytest.approx({f"test/{name}": metrics[name] for name in names})
    rows = read_predictions(tmp_path / "run" / "predictions.jsonl")
    assert [row.key for row in rows] == [f"utt{number:03d}" for number in range(14)]
    assert all(row.predicted == guess(row.key) for row in rows)
    assert (tmp_path / "run" / "report.html").read_text().count("data:audio/flac;base64,") == 14


def test_tensorboard_gets_scores_and_confusion(tmp_path):
    trainer(tmp_path / "run").test(Guesser(), datamodule=data(tmp_path / "toy"), verbose=False)
    events = EventAccumulator(str(tmp_path / "run")).Reload()
    assert "test/ua" in events.Tags()["scalars"]
    assert "test/confusion" in events.Tags()["images"]


def test_the_printed_table_has_chance_beside(tmp_path, capsys):
    trainer(tmp_path / "run").test(Guesser(), datamodule=data(tmp_path / "toy"), verbose=False)
    printed = "".join(capsys.readouterr())
    assert "guesser" in printed
    assert "chance level of UA 0.143" in printed


def test_unlabelled_utterances_are_predicted_but_not_scored_and_counted(tmp_path):
    records = [record(0, 0.3), record(1, 0.3), record(2, 0.3, emotion=None)]
    write_tar(tmp_path / "toy" / "test-000000.tar", members(records))
    runner = trainer(tmp_path / "run")
    runner.test(Guesser(), datamodule=data(tmp_path / "toy"), verbose=False)
    metrics = json.loads((tmp_path / "run" / "metrics.json").read_text())
    assert (metrics["n"], metrics["ignored"]) == (2, 1)
    assert len(read_predictions(tmp_path / "run" / "predictions.jsonl")) == 3


def test_predict_writes_predictions_only(tmp_path):
    trainer(tmp_path / "run").predict(Guesser(), datamodule=data(tmp_path / "toy"), return_predictions=False)
    assert len(read_predictions(tmp_path / "run" / "predictions.jsonl")) == 14
    assert not (tmp_path / "run" / "metrics.json").exists()


def test_a_second_test_starts_from_nothing(tmp_path):
    runner = trainer(tmp_path / "run")
    for _ in range(2):
        runner.test(Guesser(), datamodule=data(tmp_path / "toy"), verbose=False)
    assert json.loads((tmp_path / "run" / "metrics.json").read_text())["n"] == 14
    assert len(read_predictions(tmp_path / "run" / "predictions.jsonl")) == 14


def test_a_chosen_directory_is_used(tmp_path):
    report = EvaluationReport(directory=str(tmp_path / "chosen"))
    trainer(tmp_path / "run", callbacks=[report], logger=False).test(
        Guesser(), datamodule=data(tmp_path / "toy"), verbose=False
    )
    assert (tmp_path / "chosen" / "report.html").is_file()


def test_without_the_project_datamodule_it_says_what_is_needed(tmp_path):
    loader = data(tmp_path / "toy")
    loader.setup("test")
    with pytest.raises(TypeError, match="EmotionDataModule"):
        trainer(tmp_path / "run").test(Guesser(), dataloaders=loader.test_dataloader(), verbose=False)


@pytest.mark.parametrize("utterances", [14, 2])
def test_two_processes_equal_one(tmp_path, utterances):
    """Five batches over two ranks are uneven; two utterances that would fill one batch are shared out."""
    for run, options in (("one", {}), ("two", {"devices": 2, "strategy": two_processes()})):
        trainer(tmp_path / run, **options).test(Guesser(), datamodule=data(tmp_path / "toy", utterances), verbose=False)
    one, two = (json.loads((tmp_path / run / "metrics.json").read_text()) for run in ("one", "two"))
    for metrics in (one, two):
        assert metrics.pop("efficiency")["n"] == utterances  # clocks differ
    assert one == two
    assert one["n"] == utterances
    read = [(tmp_path / run / "predictions.jsonl").read_text() for run in ("one", "two")]
    assert read[0] == read[1]
    assert not list((tmp_path / "two").glob("predictions-rank*"))


def test_two_processes_predict_every_utterance_once(tmp_path):
    runner = trainer(tmp_path / "two", devices=2, strategy=two_processes())
    runner.predict(Guesser(), datamodule=data(tmp_path / "toy"), return_predictions=False)
    rows = read_predictions(tmp_path / "two" / "predictions.jsonl")
    assert [row.key for row in rows] == [f"utt{number:03d}" for number in range(14)]
