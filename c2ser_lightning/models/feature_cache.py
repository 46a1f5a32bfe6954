"""Frozen encoders say the same of an utterance in every epoch; small corpora need to ask them only once."""

import functools
from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

Encode = Callable[[list[int]], tuple[Tensor, Tensor]]
"""Encodes the given rows of a batch: features ``[R, N, D]`` and mask ``[R, N]``, True where valid, valid ones first."""

BYTES_PER_MEGABYTE = 1_000_000


class FeatureCache:
    """Features of whole utterances in host memory, up to a limit; beyond it utterances are encoded every time.

    Sound only for encoders that are frozen, in eval mode, and give an utterance the same features alone and in a batch.
    """

    def __init__(self, megabytes: int) -> None:
        """Hold up to ``megabytes``; 0 switches the cache off."""
        self.limit = megabytes * BYTES_PER_MEGABYTE
        self.size = 0
        self._kept: dict[str, Tensor] = {}

    def clear(self) -> None:
        """Forget everything, as before speech whose keys may have been met already."""
        self.size = 0
        self._kept.clear()

    def fetch(self, keys: Sequence[str], device: torch.device, encode: Encode) -> tuple[Tensor, Tensor]:
        """Return features ``[B, N, D]`` and mask ``[B, N]`` of B utterances, encoding only those not yet known.

        Args:
            keys: A name for each utterance, unique over everything the cache is asked for.
            device: Where the features are wanted.
            encode: Called once with the rows that are missing, if any.
        """
        if not self.limit:
            return encode(list(range(len(keys))))
        missing = [row for row, key in enumerate(keys) if key not in self._kept]
        fresh = self._encode(keys, missing, encode) if missing else {}
        return pad_frames([fresh[key] if key in fresh else self._kept[key].to(device) for key in keys])

    def _encode(self, keys: Sequence[str], rows: list[int], encode: Encode) -> dict[str, Tensor]:
        features, valid = encode(rows)
        fresh = {keys[row]: one[mask].detach() for row, one, mask in zip(rows, features, valid, strict=True)}
        for key, one in fresh.items():
            self._keep(key, one)
        return fresh

    def _keep(self, key: str, features: Tensor) -> None:
        needed = features.numel() * features.element_size()
        if self.size + needed <= self.limit:
            self._kept[key] = features.to("cpu", copy=True)
            self.size += needed


def pad_frames(rows: list[Tensor]) -> tuple[Tensor, Tensor]:
    """Pad features ``[N, D]`` of several utterances to ``[B, N, D]``, in the widest of their types, with their mask."""
    lengths = torch.tensor([len(row) for row in rows], device=rows[0].device)
    widest = functools.reduce(torch.promote_types, (row.dtype for row in rows))
    padded = pad_sequence([row.to(widest) for row in rows], batch_first=True)
    return padded, torch.arange(padded.shape[1], device=padded.device) < lengths.unsqueeze(1)
