"""Gather vectors of all ranks with gradient, also when ranks hold different numbers of them."""

import torch
import torch.distributed as dist
import torch.distributed.nn.functional as dist_nn
from torch import Tensor


def gather_rows(rows: Tensor) -> Tensor:
    """Concatenate ``[N_r, D]`` of every rank to ``[sum N_r, D]``, in rank order; gradients flow back to each rank.

    A rank may hold no row. Without an initialised process group the input is returned.
    """
    if not (dist.is_available() and dist.is_initialized()) or dist.get_world_size() == 1:
        return rows
    count = torch.tensor([len(rows)], device=rows.device)
    counts = [torch.zeros_like(count) for _ in range(dist.get_world_size())]
    dist.all_gather(counts, count)
    sizes = [int(size) for size in counts]
    padded = torch.cat([rows, rows.new_zeros(max(sizes) - len(rows), *rows.shape[1:])])
    differentiable = rows.is_floating_point()
    gathered = dist_nn.all_gather(padded) if differentiable else _plain(padded)  # type: ignore[no-untyped-call]
    return torch.cat([part[:size] for part, size in zip(gathered, sizes, strict=True)])


def _plain(padded: Tensor) -> list[Tensor]:
    parts = [torch.zeros_like(padded) for _ in range(dist.get_world_size())]
    dist.all_gather(parts, padded)
    return parts
