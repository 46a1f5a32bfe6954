"""Checkpoints that hold what was trained, not the frozen backbones, and that are strict about exactly that set."""

from pathlib import Path
from typing import Any

import lightning.pytorch as pl
import torch
from torch import Tensor


class CheckpointError(RuntimeError):
    """A checkpoint does not fit the model; the message names the keys and what to check."""


class TrainedWeightsModule(pl.LightningModule):
    """A LightningModule whose checkpoints leave frozen parameters out and name the frozen backbones instead."""

    def __init__(self) -> None:
        """Take over strictness from Lightning, whose own check would demand the frozen weights."""
        super().__init__()
        self.strict_loading = False

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
        owner = self.get_submodule(buffer.rpartition(".")[0])
        parameters = list(owner.parameters())
        return bool(parameters) and not any(parameter.requires_grad for parameter in parameters)

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Keep trained weights only and name the backbones."""
        trained = self.trained_names()
        checkpoint["state_dict"] = {name: value for name, value in checkpoint["state_dict"].items() if name in trained}
        checkpoint["backbones"] = self.backbone_identities()

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Check that the checkpoint holds exactly the trained weights, for these backbones."""
        self._check(checkpoint["state_dict"], checkpoint.get("backbones", {}), "the checkpoint")

    def load_trained(self, path: str) -> None:
        """Initialise the trained weights from another run's checkpoint.

        Raises:
            CheckpointError: The file is missing or holds another set of weights.
        """
        if not Path(path).is_file():
            raise CheckpointError(f"initialise_from: no such checkpoint: {path}; train that stage first")
        checkpoint = torch.load(path, map_location="cpu", weights_only=True)
        self._check(checkpoint["state_dict"], checkpoint.get("backbones", {}), path)
        self.load_state_dict(checkpoint["state_dict"], strict=False)

    def _check(self, weights: dict[str, Tensor], backbones: dict[str, str], source: str) -> None:
        trained = self.trained_names()
        missing, unexpected = sorted(trained - weights.keys()), sorted(weights.keys() - trained)
        if missing or unexpected:
            raise CheckpointError(
                f"{source} does not fit this model: {len(missing)} trained weights are missing "
                f"({', '.join(missing[:3])}), {len(unexpected)} are not trained here ({', '.join(unexpected[:3])}). "
                "Were LoRA, connector or what is frozen configured differently?"
            )
        for part, expected in self.backbone_identities().items():
            found = backbones.get(part, expected)
            if found != expected:
                raise CheckpointError(f"{source} was trained on {part} {found}, but this run uses {expected}")
