"""Write a trained model as plain folders: a Hugging Face language model, a Whisper encoder, and small files beside."""

import json
from copy import deepcopy
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
import yaml
from safetensors.torch import save_file

from c2ser_lightning.inference.run import LoadedRun
from c2ser_lightning.models.backbone import identity
from c2ser_lightning.models.c2ser import C2SER
from c2ser_lightning.models.emotion2vec.load import CONFIG_KEY, STUDENT_PREFIX, config_to_dict
from c2ser_lightning.modules.checkpointing import HELD_BY_BACKBONES, TRAINING_LANGUAGES
from c2ser_lightning.modules.cot import CoTModule

WHISPER_FOLDER, EMOTION2VEC_FILE, TRAINED_FILE, CONFIG_FILE = (
    "whisper",
    "emotion2vec_s.ckpt",
    "connector/trained.safetensors",
    "c2ser.yaml",
)


def write_folders(run: LoadedRun[CoTModule], out: Path, dtype: torch.dtype) -> None:
    """Write everything that answering or further training needs.

    Args:
        run: The trained model; its LoRA matrices are merged into its language model.
        out: Folder; the language model lies in it directly, so that ``from_pretrained`` takes the folder as it is.
        dtype: Type of the language model's weights in the files.
    """
    model = run.module.c2ser
    _write_language_model(model, out, dtype)
    backbones = {"language_model": identity(str(out))}
    if model.whisper is not None:
        model.whisper.encoder.save_pretrained(out / WHISPER_FOLDER)
        backbones["whisper"] = identity(str(out / WHISPER_FOLDER))
    if model.acoustic is not None:
        weights = {f"{STUDENT_PREFIX}{name}": value for name, value in model.acoustic.state_dict().items()}
        torch.save({CONFIG_KEY: config_to_dict(model.acoustic.config), "state_dict": weights}, out / EMOTION2VEC_FILE)
        backbones["emotion2vec_s"] = identity(str(out / EMOTION2VEC_FILE))
    _write_trained(model, out / TRAINED_FILE, backbones, run.module.training_languages)
    config = _configuration(run, out, dtype)
    (out / CONFIG_FILE).write_text(yaml.safe_dump(config, sort_keys=False, allow_unicode=True), encoding="utf-8")


def _write_language_model(model: C2SER, out: Path, dtype: torch.dtype) -> None:
    language_model = model.language_model
    causal = language_model.causal
    if hasattr(causal, "merge_and_unload"):
        # Added up in float32, rounded once: the sum of two rounded matrices would be off by more.
        causal = causal.float().merge_and_unload(progressbar=True)
    causal = causal.to(dtype)
    causal.config.dtype = dtype
    causal.save_pretrained(out)
    language_model.tokenizer.save_pretrained(out)


def _write_trained(model: C2SER, path: Path, backbones: dict[str, str], languages: tuple[str, ...]) -> None:
    """Write the connector and the speech marks under the names that checkpoints have for them.

    They lie in a folder of their own: readers of language models may take every safetensors file beside it for a part.
    """
    held = ("language_model.", "whisper.", "acoustic.")
    weights = {
        f"model.{name}": value.detach().contiguous()
        for name, value in model.state_dict().items()
        if not name.startswith(held)
    }
    path.parent.mkdir()
    prefixes = json.dumps([f"model.{prefix}" for prefix in held])
    notes = {"backbones": json.dumps(backbones), HELD_BY_BACKBONES: prefixes, TRAINING_LANGUAGES: json.dumps(languages)}
    save_file(weights, path, {"format": "pt", **notes})


def _configuration(run: LoadedRun[CoTModule], out: Path, dtype: torch.dtype) -> dict[str, Any]:
    """Return the run's model settings with its backbones replaced by the folders written here."""
    model = run.module.c2ser
    config = deepcopy(run.config["model"])
    arguments = config["init_args"]
    if model.whisper is not None:
        arguments["whisper"] = {**asdict(model.whisper.settings), "source": str(out / WHISPER_FOLDER)}
        arguments["whisper"]["trainable"] = False
    if model.acoustic is not None:
        encoder = {**arguments["acoustic"]["encoder"], "checkpoint": str(out / EMOTION2VEC_FILE)}
        arguments["acoustic"]["encoder"] = {**encoder, "random_config": None, "normalize": None}
    arguments["connector"] = asdict(model.connector.settings)
    arguments["language_model"] = {
        "source": str(out),
        "lora": None,
        "dtype": str(dtype).removeprefix("torch."),
        "gradient_checkpointing": run.module.language_model_settings.gradient_checkpointing,
    }
    arguments["initialise_from"] = str(out / TRAINED_FILE)
    return {"ckpt_path": None, "model": config}
