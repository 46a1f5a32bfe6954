"""Gather rows of all ranks with gradient, also when ranks hold different numbers of them."""

import torch
import torch.distributed as dist
import torch.distributed.nn.functional as dist_nn
from torch import Tensor


def gather_rows(*tensors: Tensor) -> tuple[Tensor, ...]:
    """Concatenate each tensor's rows ``[N_r, ...]`` of every rank to ``[sum N_r, ...]``, in rank order.

    Gradients flow back to each rank. A rank may hold no row; the tensors of a rank hold equally many. Without an
    initialised process group the tensors are returned as they are. The row counts, which ranks do not know of each
    other, are the one thing that is read back from the device.
    """
    if not (dist.is_available() and dist.is_initialized()) or dist.get_world_size() == 1:
        return tensors
    sizes = _row_counts(tensors[0])
    return tuple(_gather(tensor, sizes) for tensor in tensors)


def _row_counts(tensor: Tensor) -> list[int]:
    count = torch.tensor([len(tensor)], device=tensor.device)
    counts = [torch.zeros_like(count) for _ in range(dist.get_world_size())]
    dist.all_gather(counts, count)
    sizes: list[int] = torch.cat(counts).tolist()
    return sizes


def _gather(rows: Tensor, sizes: list[int]) -> Tensor:
    """Collectives want equal shapes, so every rank pads to the longest and the padding is cut off again."""
    padded = torch.cat([rows, rows.new_zeros(max(sizes) - len(rows), *rows.shape[1:])])
    if rows.is_floating_point():
        gathered = dist_nn.all_gather(padded)  # type: ignore[no-untyped-call]
    else:
        gathered = [torch.zeros_like(padded) for _ in sizes]
        dist.all_gather(gathered, padded)
    return torch.cat([part[:size] for part, size in zip(gathered, sizes, strict=True)])
