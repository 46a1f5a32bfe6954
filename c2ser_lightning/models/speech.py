"""The utterances of a batch as models take them."""

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor

from c2ser_lightning.models.feature_cache import FeatureCache

Encode = Callable[["Speech"], tuple[Tensor, Tensor]]


@dataclass(slots=True)
class Speech:
    """B utterances.

    Attributes:
        waveforms: ``[B, S]``.
        padding_mask: ``[B, S]``, True where padded.
        lengths: The B sample counts, on the host.
        keys: A unique name for each, by which frozen encoders' features are kept; ``None`` where nothing is to be kept.
        vectors: What Emotion2Vec-S says of each ``[B, E, D]``, where it need not be asked.
    """

    waveforms: Tensor
    padding_mask: Tensor
    lengths: list[int]
    keys: list[str] | None = None
    vectors: Tensor | None = None

    def rows(self, rows: list[int]) -> "Speech":
        """Return some of the utterances, padded to the longest of them."""
        lengths = [self.lengths[row] for row in rows]
        keys = None if self.keys is None else [self.keys[row] for row in rows]
        longest = max(lengths)
        vectors = None if self.vectors is None else self.vectors[rows]
        return Speech(self.waveforms[rows, :longest], self.padding_mask[rows, :longest], lengths, keys, vectors)

    def encode(self, encoder: Encode, cache: FeatureCache) -> tuple[Tensor, Tensor]:
        """Return what a frozen encoder says, from its cache where utterances have names.

        Args:
            encoder: Gives features ``[B, N, D]`` and mask ``[B, N]``, the same for an utterance alone and in a batch.
            cache: What it has said before.
        """
        if self.keys is None:
            return encoder(self)
        return cache.fetch(self.keys, self.waveforms.device, lambda rows: encoder(self.rows(rows)))
