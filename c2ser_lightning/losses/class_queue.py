"""Embeddings of past batches, as many of every class, so that rare emotions find partners."""

import torch
from torch import Tensor, nn


class ClassQueue(nn.Module):
    """The latest embeddings of each class (cross-batch memory, Wang et al. 2020, kept balanced over classes).

    Part of the state dict, so that a resumed run compares with the same embeddings. Nothing here waits for the device.
    """

    rows: Tensor
    filled: Tensor
    next: Tensor

    def __init__(self, classes: int, size: int, width: int) -> None:
        """Hold up to ``size`` embeddings of ``width`` numbers for each class."""
        super().__init__()
        self.classes, self.size = classes, size
        # one more row than needed: what is not to be kept is written there
        self.register_buffer("rows", torch.zeros(classes * size + 1, width))
        self.register_buffer("filled", torch.zeros(classes, dtype=torch.long))
        self.register_buffer("next", torch.zeros(classes, dtype=torch.long))

    def contents(self) -> tuple[Tensor, Tensor]:
        """Return all places ``[classes * size, D]`` and their class ids, -1 where a place is still empty."""
        classes = torch.arange(self.classes, device=self.rows.device).repeat_interleave(self.size)
        places = torch.arange(self.size, device=self.rows.device).repeat(self.classes)
        return self.rows[:-1].clone(), torch.where(places < self.filled[classes], classes, -1)

    @torch.no_grad()
    def push(self, embeddings: Tensor, categories: Tensor) -> None:
        """Add ``[N, D]`` of classes ``[N]`` in order; -1 is not kept, and the oldest of a full class make room."""
        belongs = categories.unsqueeze(1) == torch.arange(self.classes, device=categories.device)
        counts = belongs.sum(0)
        own = categories.clamp_min(0)
        order = belongs.cumsum(0).gather(1, own.unsqueeze(1)).squeeze(1) - 1
        # of more than fit, only the last are written: places must not be written twice
        kept = (categories >= 0) & (order >= counts[own] - self.size)
        place = own * self.size + (self.next[own] + order) % self.size
        self.rows[torch.where(kept, place, self.classes * self.size)] = embeddings.to(self.rows.dtype)
        self.rows[-1] = 0.0
        self.filled.copy_((self.filled + counts).clamp_max(self.size))
        self.next.copy_((self.next + counts) % self.size)
