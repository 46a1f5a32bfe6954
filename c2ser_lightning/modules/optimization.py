"""Optimizer and learning-rate schedule, as typed configuration."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

import torch
from lightning.pytorch.utilities.types import OptimizerLRScheduler
from torch import nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LambdaLR

from c2ser_lightning.models.quantization import require_bitsandbytes

NO_DECAY_NAMES = ("alibi_scale",)


@dataclass
class OptimizerConfig:
    """What ``configure_optimizers`` builds.

    Attributes:
        name: ``adam`` (L2-free, decoupled decay as fairseq's Adam) and ``adamw`` are the same update; both are accepted
            so that a config can carry the name its paper uses. ``adamw8bit`` keeps its moments in 8 bits (arXiv
            2110.02861), ``paged_adamw8bit`` moves them to the host when a GPU's memory runs short.
        learning_rate: Peak learning rate.
        betas: Adam's exponential decay rates.
        eps: Adam's denominator term.
        weight_decay: Decoupled weight decay on matrices; 1-D tensors, biases and ALiBi scales are never decayed unless
            ``decay_all`` is set (the released C2SER decays everything).
        decay_all: Apply weight decay to every parameter.
        schedule: After the linear warm-up: ``cosine`` to zero, ``inverse_sqrt`` (WeNet's WarmupLR) or ``constant``.
        warmup_ratio: Warm-up steps as a share of all optimizer steps.
    """

    name: Literal["adam", "adamw", "adamw8bit", "paged_adamw8bit"] = "adamw"
    learning_rate: float = 5e-5
    betas: tuple[float, float] = (0.9, 0.99)
    eps: float = 1e-6
    weight_decay: float = 0.01
    decay_all: bool = False
    schedule: Literal["cosine", "inverse_sqrt", "constant"] = "cosine"
    warmup_ratio: float = 0.05


def build_optimizer(
    parameters: Iterable[tuple[str, nn.Parameter]], config: OptimizerConfig, total_steps: int
) -> OptimizerLRScheduler:
    """Build AdamW with decay groups and a per-step schedule, in the form Lightning expects.

    Args:
        parameters: Named parameters; those without ``requires_grad`` are left out.
        config: Settings.
        total_steps: Optimizer steps of the whole run (``trainer.estimated_stepping_batches``).

    Raises:
        ValueError: Nothing is trainable.
    """
    trainable = [(name, parameter) for name, parameter in parameters if parameter.requires_grad]
    if not trainable:
        raise ValueError("no parameter requires a gradient: everything is frozen, so there is nothing to train")
    optimizer = _adamw(decay_groups(trainable, config), config)
    return {
        "optimizer": optimizer,
        "lr_scheduler": {"scheduler": _schedule(optimizer, config, total_steps), "interval": "step"},
    }


def _adamw(groups: list[dict[str, object]], config: OptimizerConfig) -> Optimizer:
    """Build the named variant of AdamW; decay is each group's own."""
    if config.name in ("adam", "adamw"):
        return torch.optim.AdamW(groups, lr=config.learning_rate, betas=config.betas, eps=config.eps, fused=True)
    require_bitsandbytes(f"optimizer.name: {config.name}")
    from bitsandbytes.optim.adamw import AdamW8bit, PagedAdamW8bit

    variant = AdamW8bit if config.name == "adamw8bit" else PagedAdamW8bit
    built: Optimizer = variant(groups, lr=config.learning_rate, betas=config.betas, eps=config.eps)
    return built


def decay_groups(trainable: list[tuple[str, nn.Parameter]], config: OptimizerConfig) -> list[dict[str, object]]:
    """Split parameters into a decayed and an undecayed group (1-D tensors and ALiBi scales are undecayed)."""

    def decays(name: str, parameter: nn.Parameter) -> bool:
        return config.decay_all or (parameter.ndim > 1 and not name.endswith(NO_DECAY_NAMES))

    decayed = [parameter for name, parameter in trainable if decays(name, parameter)]
    undecayed = [parameter for name, parameter in trainable if not decays(name, parameter)]
    groups = [(decayed, config.weight_decay), (undecayed, 0.0)]
    return [{"params": members, "weight_decay": decay} for members, decay in groups if members]


def learning_rate_factor(config: OptimizerConfig, total_steps: int) -> Callable[[int], float]:
    """Return the multiplier of the peak learning rate as a function of the optimizer step (0-based)."""
    warmup = max(1, round(config.warmup_ratio * total_steps))

    def factor(step: int) -> float:
        if step < warmup:
            return (step + 1) / warmup
        if config.schedule == "cosine":
            progress = (step - warmup) / max(1, total_steps - warmup)
            return 0.5 * (1.0 + math.cos(math.pi * min(1.0, progress)))
        if config.schedule == "inverse_sqrt":
            return math.sqrt(warmup / (step + 1))
        return 1.0

    return factor


def _schedule(optimizer: Optimizer, config: OptimizerConfig, total_steps: int) -> LambdaLR:
    return LambdaLR(optimizer, learning_rate_factor(config, total_steps))
