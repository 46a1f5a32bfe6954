"""A small corpus of tones, a trained probe that hears them, and a chat model that reads its words."""

import csv
import re
from collections.abc import Callable
from pathlib import Path

import lightning.pytorch as pl
import soundfile
import torch

from c2ser_lightning.data import EmotionDataModule
from c2ser_lightning.data.bucketing import BatchConfig
from c2ser_lightning.data.datamodule import LoaderConfig, SplitConfig
from c2ser_lightning.emotions import EMOTIONS
from c2ser_lightning.models.emotion2vec.checkpoint import export_released
from c2ser_lightning.models.emotion2vec.encoder import Emotion2Vec
from c2ser_lightning.models.emotion2vec.load import Emotion2VecSource
from c2ser_lightning.models.probe_head import ProbeHeadConfig
from c2ser_lightning.modules.emotion_probe import EmotionProbe
from c2ser_lightning.modules.optimization import OptimizerConfig
from tests.shards import tone, write_split
from tests.tiny import emotion2vec_config
from tests.tools.teachers.chat_server import completion


def save_encoder(folder: Path) -> Path:
    """A tiny encoder in a released file."""
    torch.manual_seed(4)
    path = folder / "encoder.pt"
    torch.save({"model": export_released(Emotion2Vec(emotion2vec_config()))}, path)
    return path


def train_probe(folder: Path, encoder: Path) -> Path:
    """A probe that has learnt which tone is which emotion."""
    write_split(folder / "shards", "train", [0.3 + 0.02 * number for number in range(14)])
    data = EmotionDataModule(
        str(folder / "shards"),
        splits=SplitConfig("train", "train", "train", "train"),
        batch=BatchConfig(max_utterances=7),
        loader=LoaderConfig(workers=0),
    )
    silent = {"logger": False, "enable_progress_bar": False, "enable_model_summary": False}
    trainer = pl.Trainer(accelerator="cpu", max_epochs=40, limit_val_batches=0, default_root_dir=folder, **silent)
    torch.manual_seed(0)
    optimizer = OptimizerConfig(learning_rate=5e-2, weight_decay=0.0, schedule="constant")
    model = EmotionProbe(Emotion2VecSource(checkpoint=str(encoder)), ProbeHeadConfig("linear"), optimizer)
    trainer.fit(model, data)
    trainer.save_checkpoint(folder / "probe.ckpt")
    return folder / "probe.ckpt"


def write_corpus(folder: Path, words: list[str], broken: int | None = None) -> Path:
    """Utterance n sounds like emotion n; its words are given. No label is in the list."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "manifest.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["file", "emotion", "speaker", "language", "text", "split"])
        for number, text in enumerate(words):
            name = f"a{number:03d}.wav"
            soundfile.write(folder / name, tone(number, 0.4 + 0.01 * (number % 5)), 16_000)
            if number == broken:
                (folder / name).write_bytes(b"no sound")
            writer.writerow([name, "", f"s{number % 3}", "en", text, "train"])
    return folder / "manifest.csv"


def reading(script: object, body: dict, number: int) -> tuple:
    """Answer with the emotion that the words hold; ``<a>/<b>`` answers a to three of four seeds, and b else."""
    words = re.search(r'The words: "(.*)"', body["messages"][0]["content"])[1]
    first, _, second = words.split()[-1].partition("/")
    return completion(second if second and body["seed"] % 4 == 0 else first)


Behaviour = Callable[[object, dict, int], tuple]
WORDS = [f"these are words of {emotion}" for emotion in EMOTIONS]
