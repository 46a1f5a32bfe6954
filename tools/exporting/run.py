"""Read a run's own configuration and weights back into a module."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml
from jsonargparse import ArgumentParser
from lightning.pytorch import LightningDataModule, LightningModule

from c2ser_lightning.models.released import is_released
from c2ser_lightning.modules.checkpointing import CheckpointError
from c2ser_lightning.modules.cot import CoTModule

CONFIG_FILE = "config.yaml"


@dataclass(frozen=True, slots=True)
class Run:
    """A trained model with the configuration it was trained by.

    Attributes:
        module: With its weights loaded, in eval mode.
        config: The whole configuration as saved: ``model``, ``data``, ``trainer`` and so on.
        checkpoint: Where the trained weights came from, if not from ``initialise_from``.
    """

    module: CoTModule
    config: dict[str, Any]
    checkpoint: Path | None


def read_config(path: Path) -> dict[str, Any]:
    """Read a saved configuration.

    Raises:
        FileNotFoundError: There is none.
        ValueError: It has no ``model``.
    """
    if not path.is_file():
        raise FileNotFoundError(f"no {path}; give the run_dir of a finished fit, or an exported folder's c2ser.yaml")
    config = yaml.safe_load(path.read_text(encoding="utf-8"))
    if not isinstance(config, dict) or "model" not in config:
        raise ValueError(f"{path} configures no model")
    return config


def build_module(config: dict[str, Any], *, quantised: bool = True) -> CoTModule:
    """Build the module that a configuration describes and load its backbones.

    Args:
        config: As :func:`read_config` returned it.
        quantised: ``False`` loads a quantised language model at full precision, since only that can be merged into.

    Raises:
        ValueError: The module is none of the two CoT stages.
    """
    parser = ArgumentParser(exit_on_error=False)
    parser.add_subclass_arguments(LightningModule, "model")
    module = parser.instantiate_classes(parser.parse_object({"model": config["model"]})).model
    if not isinstance(module, CoTModule):
        raise ValueError(f"only ExplicitCoT and ImplicitCoT can be exported, not {type(module).__name__}")  # noqa: TRY004
    if not quantised:
        module.language_model_settings = replace(module.language_model_settings, quantization=None)
    module.configure_model()
    return module.eval()


def read_run(folder: Path, checkpoint: Path | None) -> Run:
    """Read a run.

    Args:
        folder: Its ``run_dir``.
        checkpoint: Its weights; ``checkpoints/last.ckpt`` there by default.

    Raises:
        FileNotFoundError: The run has no configuration.
        CheckpointError: There is no such checkpoint, or it does not fit.
    """
    config = read_config(folder / CONFIG_FILE)
    path = checkpoint or folder / "checkpoints" / "last.ckpt"
    arguments = config["model"]["init_args"]
    start = arguments.get("initialise_from")
    released = start is not None and Path(start).is_file() and is_released(start)
    if not path.is_file() and not released:
        raise CheckpointError(f"no such checkpoint: {path}; name one with --checkpoint")
    # The checkpoint holds all that was trained; only the released file brings more than that.
    arguments["initialise_from"] = start if released else None
    module = build_module(config, quantised=False)
    if path.is_file():
        module.load_trained(str(path))
    return Run(module, config, path if path.is_file() else None)


def shard_folders(config: dict[str, Any]) -> list[Path]:
    """Return the shard folders that a configuration trains on."""
    parser = ArgumentParser(exit_on_error=False)
    parser.add_subclass_arguments(LightningDataModule, "data")
    shards = parser.parse_object({"data": config["data"]}).data.init_args.shards
    return [Path(folder) for folder in ([shards] if isinstance(shards, str | Path) else shards)]
