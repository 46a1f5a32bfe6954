"""C2SER's parameters divided among processes (FSDP2): which of them travel together.

A unit is gathered just before it computes and let go after. Frozen and trained weights are in separate units: they have
different types, and only the latter have gradients to be summed.
"""

from typing import Any

import torch
import torch.distributed as dist
from torch import nn
from torch.distributed.device_mesh import DeviceMesh
from torch.distributed.fsdp import fully_shard, register_fsdp_forward_method
from torch.distributed.tensor import DTensor

from c2ser_lightning.models.c2ser import C2SER


def shard(model: C2SER, mesh: DeviceMesh) -> None:
    """Divide a model in place, from the inside out."""
    model.language_model.synchronised = mesh.size() > 1
    causal = model.language_model.inner
    for layer in causal.model.layers:
        _unit(_trained_leaves(layer), mesh)
        _unit(layer, mesh)
    embedding, head = causal.get_input_embeddings(), causal.lm_head
    for unit in [[embedding, head]] if embedding.weight is head.weight else [embedding, head]:
        _unit(unit, mesh)
    for part in (causal.model, model.connector, model.whisper, model.acoustic, model):
        if part is not None:
            _unit(part, mesh)
    if model.acoustic is not None:
        register_fsdp_forward_method(model.acoustic, "extract_features")
    for method in ("answer_loss", "generate", "score"):
        register_fsdp_forward_method(model, method)


def is_sharded(module: nn.Module) -> bool:
    """Whether several processes have to compute together."""
    shared = dist.is_available() and dist.is_initialized() and dist.get_world_size() > 1
    return shared and any(isinstance(weight, DTensor) for weight in module.parameters())


def gathered(value: Any) -> Any:
    """Return a whole tensor on the host instead of a shard, and anything else as it is; every process has to ask."""
    if isinstance(value, DTensor):
        return value.full_tensor().detach().cpu()
    return value.detach().cpu() if isinstance(value, torch.Tensor) else value


def _trained_leaves(layer: nn.Module) -> list[nn.Module]:
    return [
        module for module in layer.modules() if any(weight.requires_grad for weight in module.parameters(recurse=False))
    ]


def _unit(modules: Any, mesh: DeviceMesh) -> None:
    if modules:
        fully_shard(modules, mesh=mesh)
