"""Runs of the stages through the command line in this process, at a size that takes seconds."""

import json
from pathlib import Path

import yaml

from c2ser_lightning.cli import C2SERCLI, run
from tests.conftest import ROOT
from tests.shards import write_split
from tests.tiny import EMOTION2VEC_SIZES, language_model_folder
from tools.make_tiny_backbones import Sizes, write_whisper

CONFIGS = ROOT / "configs"
TRAINER = {
    "accelerator": "cpu",
    "devices": 1,
    "precision": "32-true",
    "max_epochs": 1,
    "max_steps": 1,
    "accumulate_grad_batches": 1,
    "log_every_n_steps": 1,
    "val_check_interval": 1.0,
    "num_sanity_val_steps": 0,
    "limit_val_batches": 1,
    "enable_progress_bar": False,
    "enable_model_summary": False,
}
TEXTS = [f'The speaker spoke fast: "word {number}". The emotion is anger. Please describe.' for number in range(40)]


def make_tiny(folder: Path) -> Path:
    """Shards, backbones and an overlay, ``tiny.yaml``, that replaces sizes, folders and data by them."""
    for split in ("train", "dev", "test"):
        write_split(folder / "shards", split, [0.9, 0.6, 0.7, 0.5, 0.8, 0.6, 0.4])
    language_model_folder(folder / "lm", TEXTS)
    write_whisper(Sizes(whisper_width=48, whisper_layers=1), folder / "whisper")
    init_args = {
        "whisper": {"source": str(folder / "whisper")},
        "acoustic": {"encoder": {"checkpoint": None, "random_config": json.loads(json.dumps(EMOTION2VEC_SIZES))}},
        "connector": {"layers": 1, "ffn": 64},
        "language_model": {"source": str(folder / "lm"), "dtype": "float32"},
        "answering": {"max_new_tokens": 3},
    }
    data = {"shards": str(folder / "shards"), "batch": {"max_seconds": 9.0, "max_utterances": 7}}
    content = {
        "trainer": TRAINER,
        "model": {"init_args": init_args},
        "data": {"init_args": {**data, "loader": {"workers": 0}}},
    }
    (folder / "tiny.yaml").write_text(yaml.safe_dump(content))
    return folder


def cli(verb: str, files: list[str], tiny: Path, out: Path, *options: str) -> C2SERCLI:
    """The tiny overlay stands behind the first file, so that the tested overlays have the last word."""
    first, *others = [CONFIGS / file for file in files]
    arguments = [part for file in (first, tiny / "tiny.yaml", *others) for part in ("--config", str(file))]
    return run([verb, *arguments, f"--run_dir={out}", *options])


def answers(out: Path) -> list[dict]:
    return [json.loads(line) for line in (out / "predictions.jsonl").read_text().splitlines()]
