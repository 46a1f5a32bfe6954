"""Small real runs in one process or several: ``torchrun --nproc_per_node 2 -m tests.strategies.jobs <folder>``."""

import json
import sys
from pathlib import Path
from typing import Any

import lightning.pytorch as pl
import torch

from c2ser_lightning.callbacks import EvaluationReport
from c2ser_lightning.data.bucketing import BatchConfig
from c2ser_lightning.data.datamodule import EmotionDataModule, LoaderConfig
from c2ser_lightning.models.c2ser import AcousticSettings
from c2ser_lightning.models.connector import ConnectorSettings
from c2ser_lightning.models.emotion2vec.load import Emotion2VecSource
from c2ser_lightning.models.language_model import LanguageModelSettings, LoraSettings
from c2ser_lightning.models.whisper import WhisperSettings
from c2ser_lightning.modules import ExplicitCoT
from c2ser_lightning.modules.answering import AnsweringSettings
from c2ser_lightning.modules.optimization import OptimizerConfig
from c2ser_lightning.strategies import TrainedShards
from c2ser_lightning.text.prompts import PromptSettings
from tests.shards import members, record, write_split, write_tar
from tests.tiny import emotion2vec_config, language_model_folder

EPOCHS = 2
PROMPTS = PromptSettings(system="")


def prepare(folder: Path) -> None:
    """Write uneven shards (one of them empty) and a language model."""
    write_split(folder / "shards", "train", [0.4 + 0.05 * number for number in range(12)])
    write_split(folder / "shards", "dev", [0.5, 0.4, 0.3])
    for number, count in enumerate((4, 0, 1)):
        rows = [record(10 * number + n, 0.3 + 0.1 * n, split="test") for n in range(count)]
        write_tar(folder / "shards" / f"test-{number:06d}.tar", members(rows))
    texts = [f"{PROMPTS.turn('explicit').after}{record(number, 1.0).explicit}" for number in range(12)]
    language_model_folder(folder / "language_model", texts)


def module(folder: Path) -> ExplicitCoT:
    """Return a module without dropout, so that nothing depends on which process an utterance comes to."""
    torch.manual_seed(0)
    language_model = LanguageModelSettings(
        source=str(folder / "language_model"), lora=LoraSettings(dropout=0.0), dtype="float32"
    )
    return ExplicitCoT(
        WhisperSettings(source=None, width=48, layers=1, heads=4, ffn=64),
        AcousticSettings(Emotion2VecSource(random_config=emotion2vec_config())),
        ConnectorSettings(layers=1, ffn=64, dropout=0.0),
        language_model,
        PROMPTS,
        OptimizerConfig(learning_rate=1e-2, warmup_ratio=0.1),
        AnsweringSettings(max_new_tokens=6),
    )


class Curve(pl.Callback):
    """Notes the loss of every batch."""

    def __init__(self) -> None:
        self.losses: list[float] = []

    def on_train_batch_end(self, trainer: Any, pl_module: Any, outputs: Any, batch: Any, batch_idx: int) -> None:
        self.losses.append(float(outputs["loss"]) * trainer.accumulate_grad_batches)


def fit(folder: Path, name: str, checkpoint: Path | None = None, **trainer_settings: Any) -> pl.Trainer:
    """Train, write ``<name>-rank<r>.json`` with the losses, and leave ``epoch=<n>.ckpt`` in a folder of that name."""
    curve = Curve()
    keep = pl.callbacks.ModelCheckpoint(folder / name, filename="{epoch}", save_top_k=-1)
    settings: dict[str, Any] = {"accelerator": "cpu", "max_epochs": EPOCHS, "gradient_clip_val": 1.0}
    trainer = pl.Trainer(
        default_root_dir=folder / name,
        callbacks=[curve, keep, EvaluationReport(directory=str(folder / name))],
        logger=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        use_distributed_sampler=False,
        num_sanity_val_steps=0,
        **{**settings, **trainer_settings},
    )
    data = EmotionDataModule(
        str(folder / "shards"),
        batch=BatchConfig(max_utterances=2, max_tokens=400, shuffle_spread=0.02),
        loader=LoaderConfig(workers=0),
    )
    model = module(folder)
    trainer.fit(model, data, ckpt_path=checkpoint)
    curve_file = folder / f"{name}-rank{trainer.global_rank}.json"
    curve_file.write_text(json.dumps(curve.losses))
    return trainer


def main(folder: Path) -> None:
    """Run what needs two processes, one job after the other."""
    torch.set_num_threads(1)
    fit(folder, "ddp", devices=2, strategy=pl.strategies.DDPStrategy(process_group_backend="gloo"))
    sharded = fit(folder, "fsdp2", devices=2, strategy=TrainedShards("gloo"))
    data = sharded.datamodule
    data.loader.workers = 3
    sharded.test(sharded.lightning_module, data)
    start = folder / "single" / "epoch=0.ckpt"
    fit(folder, "fsdp2_resumed", start, devices=2, strategy=TrainedShards("gloo"))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
