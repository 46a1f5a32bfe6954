"""Keep what the backward pass needs in host memory until it is needed, to fit longer batches on a device."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.graph import saved_tensors_hooks

SMALLEST = 1 << 16
"""Elements below which a tensor is not worth the transfer."""


class OffloadedActivations(saved_tensors_hooks):
    """Inside this context, saved activations of a module go to pinned host memory and return when they are used.

    Weights are saved for the backward pass too; those stay where they are, and so do tensors already on the host.
    """

    def __init__(self, module: nn.Module) -> None:
        """Remember which memory belongs to the module's own weights."""
        weights = {parameter.untyped_storage().data_ptr() for parameter in module.parameters()}

        def pack(tensor: Tensor) -> Any:
            own = tensor.numel() < SMALLEST or tensor.untyped_storage().data_ptr() in weights
            if own or tensor.device.type == "cpu":
                return tensor
            host = torch.empty_like(tensor, device="cpu", pin_memory=True)
            # The copy is queued behind the work that made the tensor; nobody reads it before the way back is queued.
            return tensor.device, host.copy_(tensor, non_blocking=True)

        def unpack(packed: Any) -> Tensor:
            if isinstance(packed, Tensor):
                return packed
            device, host = packed
            returned: Tensor = host.to(device, non_blocking=True)
            return returned

        super().__init__(pack, unpack)
