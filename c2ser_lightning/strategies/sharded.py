"""FSDP2 for modules most of whose weights are frozen: checkpoints as if there had been one process."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import lightning.pytorch as pl
import torch
from lightning.fabric.utilities.optimizer import _optimizer_to_device
from lightning.pytorch.strategies import ModelParallelStrategy
from torch import Tensor
from torch.distributed.tensor import DTensor, distribute_tensor
from torch.optim import Optimizer

from c2ser_lightning.models.sharding import gathered


class TrainedShards(ModelParallelStrategy):
    """Weights, gradients and optimizer states are divided among all processes; the module shards itself.

    Only what is trained is gathered for a checkpoint. It is one ordinary file, the same as that of a run in one
    process, and can be loaded with any number of processes and under any strategy.
    """

    def __init__(self, process_group_backend: str | None = None) -> None:
        """Divide among all processes.

        Args:
            process_group_backend: ``gloo`` or ``nccl``; what suits the device by default.
        """
        super().__init__(save_distributed_checkpoint=False, process_group_backend=process_group_backend)

    @property
    def lightning_restore_optimizer(self) -> bool:
        """Let Lightning hand the optimizer states to :meth:`load_optimizer_state_dict`."""
        return True

    def setup_environment(self) -> None:
        """Make one mesh of all processes; Lightning's default divides among the nodes only."""
        self._data_parallel_size, self._tensor_parallel_size = self.num_nodes * self.num_processes, 1
        super().setup_environment()

    @property
    def _module(self) -> pl.LightningModule:
        assert self.lightning_module is not None
        return self.lightning_module

    def lightning_module_state_dict(self) -> dict[str, Any]:
        """Gather trained weights and all buffers; every process takes part."""
        frozen = {name for name, weight in self._module.named_parameters() if not weight.requires_grad}
        state = self._module.state_dict()
        return {name: gathered(value) for name, value in state.items() if name not in frozen}

    def optimizer_state(self, optimizer: Optimizer) -> dict[str, Any]:
        """Gather an optimizer's states under the numbers that torch gave them, as one process would write them."""
        state = getattr(optimizer, "_optimizer", optimizer).state_dict()
        moments = {
            number: {name: gathered(value) for name, value in own.items()} for number, own in state["state"].items()
        }
        return {"state": moments, "param_groups": state["param_groups"]}

    def load_checkpoint(self, checkpoint_path: str | Path, weights_only: bool | None = None) -> dict[str, Any]:
        """Read the file; every process takes its part in the methods below."""
        path = self.broadcast(checkpoint_path)
        loaded: dict[str, Any] = torch.load(path, map_location="cpu", mmap=True, weights_only=weights_only)
        return loaded

    def load_model_state_dict(self, checkpoint: Mapping[str, Any], strict: bool = True) -> None:
        """Divide the weights among the processes."""
        own = dict(self._module.named_parameters())
        state = {name: _like(value, own.get(name)) for name, value in checkpoint["state_dict"].items()}
        self._module.load_state_dict(state, strict=strict)

    def load_optimizer_state_dict(self, checkpoint: Mapping[str, Any]) -> None:
        """Divide the optimizer states as their weights are."""
        for optimizer, state in zip(self.optimizers, checkpoint["optimizer_states"], strict=True):
            weights = [weight for group in optimizer.param_groups for weight in group["params"]]
            numbers = [number for group in state["param_groups"] for number in group["params"]]
            moments = {
                number: {name: _like(value, weight) for name, value in state["state"][number].items()}
                for number, weight in zip(numbers, weights, strict=True)
                if number in state["state"]
            }
            optimizer.load_state_dict({"state": moments, "param_groups": state["param_groups"]})
            _optimizer_to_device(optimizer, self.root_device)


def _like(value: Any, weight: Tensor | None) -> Any:
    """Divide a tensor as a weight of its shape is divided."""
    if isinstance(value, Tensor) and isinstance(weight, DTensor) and value.shape == weight.shape:
        return distribute_tensor(value.to(weight.device), weight.device_mesh, weight.placements)
    return value
