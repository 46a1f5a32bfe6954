"""Span masks for the student: the same number of masked frames in every row, drawn on the host from a generator."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor


@dataclass
class MaskConfig:
    """How much is masked (released settings: probability 0.5, spans of 5 frames, 8 clones).

    Attributes:
        probability: Share of frames covered by spans, were they not to overlap.
        length: Frames in a span.
        clones: Differently masked copies of every utterance.
        noise_std: Standard deviation of what the decoder sees at masked places.
    """

    probability: float = 0.5
    length: int = 5
    clones: int = 8
    noise_std: float = 0.01


@dataclass(slots=True)
class Mask:
    """One mask for each of R rows; every row keeps N and masks M frames.

    Attributes:
        kept: ``[R, N]`` places of kept frames, ascending.
        masked: ``[R, M]`` places of masked frames, ascending.
        restore: ``[R, T]`` for each place, where it lies in kept followed by masked.
    """

    kept: Tensor
    masked: Tensor
    restore: Tensor

    @classmethod
    def of(cls, masked: Tensor) -> "Mask":
        """Build from a boolean mask ``[R, T]``, True where masked, with equal counts in all rows."""
        count = int(masked[0].sum())
        order = masked.long().argsort(dim=1, stable=True)
        keep = masked.shape[1] - count
        return cls(order[:, :keep], order[:, keep:], order.argsort(dim=1))

    def to(self, device: torch.device) -> "Mask":
        """Move without waiting for the copy."""
        return Mask(*(places.to(device, non_blocking=True) for places in (self.kept, self.masked, self.restore)))


def draw_mask(lengths: list[int], frames: int, config: MaskConfig, generator: torch.Generator) -> Mask:
    """Draw span masks for every clone of every utterance.

    Spans start anywhere inside the utterance and may overlap; rows that got more masked frames than the others give
    random ones back, so that all rows can be batched without their masked frames (fairseq's ``require_same_masks``).

    Args:
        lengths: The B utterances' valid frames.
        frames: Frames of the padded batch, T.
        config: Mask settings.
        generator: Host generator; the same state gives the same masks.

    Returns:
        Masks of B * clones rows, the clones of an utterance next to each other.
    """
    valid = torch.tensor(lengths).repeat_interleave(config.clones)
    spans = (config.probability * valid / config.length + torch.rand(len(valid), generator=generator)).long()
    spans = spans.clamp_min(1).unsqueeze(1)
    places = torch.arange(frames).unsqueeze(0)
    last_start = (valid - config.length).clamp_min(0).unsqueeze(1)
    score = torch.rand(len(valid), frames, generator=generator).masked_fill(places > last_start, -1.0)
    starts = (score.argsort(dim=1, descending=True).argsort(dim=1) < spans) & (score >= 0)
    covered = F.max_pool1d(F.pad(starts.float(), (config.length - 1, 0)).unsqueeze(1), config.length, 1).squeeze(1) > 0
    covered &= places < valid.unsqueeze(1)
    return Mask.of(_equalise(covered, generator))


def _equalise(masked: Tensor, generator: torch.Generator) -> Tensor:
    """Unmask random frames until every row masks as many as the row that masks fewest."""
    count = int(masked.sum(1).min())
    score = torch.rand(masked.shape, generator=generator).masked_fill(~masked, -1.0)
    return torch.zeros_like(masked).scatter(1, score.topk(count, dim=1).indices, value=True)


def take(frames: Tensor, places: Tensor) -> Tensor:
    """Gather ``[R, N, D]`` from ``[R, T, D]`` at ``places`` ``[R, N]``."""
    return frames.gather(1, places.unsqueeze(2).expand(-1, -1, frames.shape[2]))
