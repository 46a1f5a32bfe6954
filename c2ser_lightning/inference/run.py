"""A run's or an exported folder's configuration and weights, back as a module."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Generic, TypeVar

import yaml
from jsonargparse import ArgumentParser
from lightning.pytorch import LightningModule

from c2ser_lightning.models.released import is_released
from c2ser_lightning.modules.checkpointing import CheckpointError, TrainedWeightsModule
from c2ser_lightning.modules.cot import CoTModule
from c2ser_lightning.modules.recognizer import Recognizer

ModuleT = TypeVar("ModuleT", bound=Recognizer)
CONFIG_FILE, EXPORTED_FILE = "config.yaml", "c2ser.yaml"
"""What describes a run, and what describes a folder of ``tools.export``."""


@dataclass(frozen=True, slots=True)
class LoadedRun(Generic[ModuleT]):
    """A trained system with the configuration it was trained by.

    Attributes:
        module: With its weights loaded, in eval mode.
        config: The whole configuration as saved: ``model`` and, of a run, ``data``, ``trainer`` and so on.
        checkpoint: Where the trained weights came from, if not from ``initialise_from``.
    """

    module: ModuleT
    config: dict[str, Any]
    checkpoint: Path | None


def load_run(
    folder: Path, checkpoint: Path | None = None, *, quantised: bool = True, cached: bool = True
) -> LoadedRun[Recognizer]:
    """Load a run, or an exported folder wherever it was moved to.

    Args:
        folder: Its ``run_dir``, or what ``tools.export`` wrote.
        checkpoint: Its weights; ``checkpoints/last.ckpt`` of the run by default.
        quantised: ``False`` loads a quantised language model at full precision.
        cached: ``False`` keeps no features, whatever the run did: for speech that is heard once.

    Raises:
        FileNotFoundError: There is no configuration.
        ValueError: It describes nothing that recognises emotions.
        CheckpointError: There is no such checkpoint, or it does not fit.
    """
    exported = not (folder / CONFIG_FILE).is_file() and (folder / EXPORTED_FILE).is_file()
    config = read_config(folder / (EXPORTED_FILE if exported else CONFIG_FILE))
    if exported:
        config = _at_home(config, folder)
    arguments = config["model"]["init_args"]
    start = arguments.get("initialise_from")
    complete = exported or (start is not None and Path(start).is_file() and is_released(start))
    if start is not None and not complete:
        arguments["initialise_from"] = None  # the checkpoint holds all that was trained
    module = build_module(config, quantised=quantised, cached=cached)
    path = checkpoint or folder / "checkpoints" / "last.ckpt"
    if not isinstance(module, TrainedWeightsModule) or (complete and not path.is_file()):
        return LoadedRun(module, config, None)
    if not path.is_file():
        raise CheckpointError(f"no such checkpoint: {path}; name one with --checkpoint")
    module.load_trained(str(path))
    return LoadedRun(module, config, path)


def read_config(path: Path) -> dict[str, Any]:
    """Read a saved configuration.

    Raises:
        FileNotFoundError: There is none.
        ValueError: It has no ``model``.
    """
    if not path.is_file():
        raise FileNotFoundError(f"no {path}; give the run_dir of a finished fit, or a folder that tools.export wrote")
    config = yaml.safe_load(path.read_text(encoding="utf-8"))
    if not isinstance(config, dict) or "model" not in config:
        raise ValueError(f"{path} configures no model")
    return config


def build_module(config: dict[str, Any], *, quantised: bool = True, cached: bool = True) -> Recognizer:
    """Build the module that a configuration describes and load its backbones.

    Args:
        config: As :func:`read_config` returned it.
        quantised: ``False`` loads a quantised language model at full precision, since only that can be merged into.
        cached: ``False`` keeps no features of what was heard.

    Raises:
        ValueError: The module recognises no emotions.
    """
    parser = ArgumentParser(exit_on_error=False)
    parser.add_subclass_arguments(LightningModule, "model")
    module: LightningModule = parser.instantiate_classes(parser.parse_object({"model": config["model"]})).model
    if not isinstance(module, Recognizer):
        raise ValueError(f"{type(module).__name__} recognises nothing; name a run of a system that does")  # noqa: TRY004
    if isinstance(module, CoTModule) and not quantised:
        module.language_model_settings = replace(module.language_model_settings, quantization=None)
    if not cached and "cache_megabytes" in vars(module):
        vars(module)["cache_megabytes"] = 0
    module.configure_model()
    return module.eval()


def _at_home(config: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Return an exported configuration whose paths point into the folder it lies in now."""
    written = str(config["model"]["init_args"]["language_model"]["source"])

    def moved(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: moved(inner) for key, inner in value.items()}
        if isinstance(value, str) and (value == written or value.startswith(f"{written}/")):
            return str(folder) + value[len(written) :]
        return value

    return {**config, "model": moved(config["model"])}
