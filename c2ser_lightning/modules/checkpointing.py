"""Checkpoints that hold what was trained, not the frozen backbones, and that are strict about exactly that set."""

import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import lightning.pytorch as pl
import torch
from safetensors import safe_open
from torch import Tensor, nn

from c2ser_lightning.modules.finite import WHAT_HELPS, LossWatch, NonFiniteError, refuse_non_finite

HELD_BY_BACKBONES = "held_by_backbones"
"""Metadata key of exported weights: prefixes of names whose weights went into the backbones they belong to."""


TRAINING_LANGUAGES = "training_languages"
"""Key of a checkpoint, and of exported weights' metadata: the languages of all utterances that were trained on."""


class CheckpointError(RuntimeError):
    """A checkpoint does not fit the model; the message names the keys and what to check."""


class TrainedWeightsModule(pl.LightningModule):
    """A LightningModule whose checkpoints leave frozen parameters out and name the frozen backbones instead."""

    def __init__(self) -> None:
        """Take over strictness from Lightning, whose own check would demand the frozen weights."""
        super().__init__()
        self.strict_loading = False
        self.training_languages: tuple[str, ...] = ()
        self._loss_watch = LossWatch()

    def backbone_identities(self) -> dict[str, str]:
        """Return a name and hash of each frozen backbone; overridden by modules that have any."""
        return {}

    def trained_names(self) -> set[str]:
        """Names of the state-dict entries that belong to training: parameters with a gradient, and all buffers."""
        names = {name for name, parameter in self.named_parameters() if parameter.requires_grad}
        persistent = self.state_dict().keys() - {name for name, _ in self.named_parameters()}
        return names | {name for name in persistent if not self._in_frozen_part(name)}

    def _in_frozen_part(self, buffer: str) -> bool:
        """Whether a buffer belongs to a submodule all of whose parameters are frozen."""
        parameters = list(self._owner(buffer).parameters())
        return bool(parameters) and not any(parameter.requires_grad for parameter in parameters)

    def _owner(self, entry: str) -> nn.Module:
        """Return the module of a state-dict entry; quantised weights have entries below their own name."""
        path = entry.split(".")[:-1]
        module: nn.Module = self
        for part in path:
            if part not in module._modules:
                return module
            module = module.get_submodule(part)
        return module

    def on_fit_start(self) -> None:
        """Add the languages of the training split to those that the weights know from an earlier stage."""
        datamodule = getattr(self.trainer, "datamodule", None)
        languages = getattr(datamodule, "training_languages", None)
        if languages is not None:
            self.training_languages = _union(self.training_languages, languages())

    def on_train_batch_end(self, outputs: Any, batch: Any, batch_idx: int) -> None:
        """Stop when the loss is no longer finite.

        Raises:
            NonFiniteError: It is not; one step late where the device computes on its own.
        """
        loss = outputs.get("loss") if isinstance(outputs, dict) else outputs
        if isinstance(loss, Tensor):
            keys = ", ".join(getattr(batch, "keys", [])[:4])
            where = f"at step {self.trainer.global_step} (epoch {self.trainer.current_epoch}, batch of {keys} ...)"
            self._finite(lambda: self._loss_watch.note(loss, where))

    def _finite(self, check: Callable[[], None]) -> None:
        """Run a check and add to its complaint which checkpoint is still good."""
        try:
            check()
        except NonFiniteError as error:
            callback = None if self._trainer is None else self.trainer.checkpoint_callback
            last = getattr(callback, "last_model_path", "") or getattr(callback, "best_model_path", "")
            kept = f"The last checkpoint was left as it is; go on from it with --ckpt_path {last}. " if last else ""
            raise NonFiniteError(f"{error}. {kept}{WHAT_HELPS}") from error

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Keep trained weights only and name the backbones.

        Raises:
            NonFiniteError: The weights are not finite; the file of an earlier step is not overwritten.
        """
        trained = self.trained_names()
        checkpoint["state_dict"] = {name: value for name, value in checkpoint["state_dict"].items() if name in trained}
        checkpoint["backbones"] = self.backbone_identities()
        checkpoint[TRAINING_LANGUAGES] = list(self.training_languages)
        self._finite(lambda: refuse_non_finite(checkpoint["state_dict"]))

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Check that the checkpoint holds exactly the trained weights, for these backbones."""
        self._check(checkpoint["state_dict"], checkpoint.get("backbones", {}), "the checkpoint")
        self.take_over(checkpoint)

    def take_over(self, checkpoint: dict[str, Any]) -> None:
        """Remember what a checkpoint says beside its weights."""
        self.training_languages = _union(self.training_languages, checkpoint.get(TRAINING_LANGUAGES, []))

    def load_trained(self, path: str, *, fresh: tuple[str, ...] = (), unused: str | None = None) -> None:
        """Initialise the trained weights from another run's checkpoint, or from what ``tools.export`` wrote.

        Args:
            path: The file.
            fresh: Prefixes of weights that may be missing, because an earlier stage does not have them yet.
            unused: Regular expression of weights that are left out, because only an earlier stage needs them.

        Raises:
            CheckpointError: The file is missing or holds another set of weights.
        """
        if not Path(path).is_file():
            raise CheckpointError(f"initialise_from: no such checkpoint: {path}; train that stage first")
        if Path(path).suffix == ".safetensors":
            weights, metadata = read_exported(Path(path))
            checkpoint = {TRAINING_LANGUAGES: json.loads(metadata.get(TRAINING_LANGUAGES, "[]"))}
            backbones, held = json.loads(metadata["backbones"]), tuple(json.loads(metadata[HELD_BY_BACKBONES]))
        else:
            checkpoint = torch.load(path, map_location="cpu", weights_only=True)
            weights, backbones, held = checkpoint["state_dict"], checkpoint.get("backbones", {}), ()
        if unused is not None:
            weights = {name: value for name, value in weights.items() if not re.search(unused, name)}
        self._check(weights, backbones, path, (*held, *fresh))
        self.load_state_dict(weights, strict=False)
        self.take_over(checkpoint)

    def _check(
        self, weights: dict[str, Tensor], backbones: dict[str, str], source: str, held: tuple[str, ...] = ()
    ) -> None:
        """Compare names and backbones; names with one of the prefixes ``held`` may be missing."""
        trained = self.trained_names()
        missing, unexpected = sorted(trained - weights.keys()), sorted(weights.keys() - trained)
        missing = [name for name in missing if not name.startswith(held)]
        if missing or unexpected:
            raise CheckpointError(f"{source} does not fit this model: {_difference(missing, unexpected)}")
        for part, expected in self.backbone_identities().items():
            found = backbones.get(part, expected)
            # A folder's name may change; what is in it may not.
            if found.rpartition("@")[2] != expected.rpartition("@")[2]:
                raise CheckpointError(
                    f"wrong backbone: {source} was trained on {part} {found}, but this run uses {expected}; set "
                    f"{_BACKBONE_OPTIONS.get(part, part)} to the one it was trained on"
                )


_BACKBONE_OPTIONS = {
    "language_model": "model.init_args.language_model.source",
    "whisper": "model.init_args.whisper.source",
    "hubert": "model.init_args.hubert.source",
    "emotion2vec_s": "model.init_args.acoustic.encoder.checkpoint",
    "upstream": "model.init_args.upstream.source",
}


def read_exported(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Read trained weights that ``tools.export`` wrote, and what it noted beside them."""
    with safe_open(path, framework="pt") as file:
        return {name: file.get_tensor(name) for name in file.keys()}, file.metadata()  # noqa: SIM118


def _union(known: Iterable[str], more: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({*known, *more}))


def _is_lora(name: str) -> bool:
    return ".lora_" in name


def _difference(missing: list[str], unexpected: list[str]) -> str:
    """Say which weights do not agree, and which option decides about them."""
    if missing and all(map(_is_lora, missing)) and not unexpected:
        return (
            f"the adapter is missing: it holds none of {len(missing)} LoRA weights ({missing[0]}); if it was trained "
            "without LoRA or with other targets, set language_model.lora in a config file (null for none)"
        )
    if unexpected and all(map(_is_lora, unexpected)) and not missing:
        return (
            f"it holds an adapter of {len(unexpected)} LoRA weights that this model lacks ({unexpected[0]}); set "
            "model.init_args.language_model.lora to the settings it was trained with"
        )
    return (
        f"{len(missing)} trained weights are missing ({', '.join(missing[:3])}), {len(unexpected)} are not trained "
        f"here ({', '.join(unexpected[:3])}). Were model.init_args.language_model.lora, connector or "
        "whisper.trainable configured differently?"
    )
