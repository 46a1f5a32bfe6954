"""SpecAugment: stretches of time and bands of mel bins hidden from the encoder in training."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn


@dataclass
class SpecAugmentSettings:
    """How much of each clip is hidden (Park et al. 2019, without time warping).

    The released C2SER was trained with two time masks of up to 50 frames and two frequency masks of up to 10 bins,
    without a limit by the clip's length.

    Attributes:
        time_masks: Stretches of frames hidden in each clip.
        time_width: Longest stretch, in mel frames of 10 ms.
        time_share: Longest stretch as a share of its clip, so that short clips keep something to hear; 1 for no limit.
        frequency_masks: Bands hidden in each clip.
        frequency_width: Widest band, in mel bins.
    """

    time_masks: int = 2
    time_width: int = 50
    time_share: float = 0.2
    frequency_masks: int = 2
    frequency_width: int = 10


class SpecAugment(nn.Module):
    """Hides parts of log-mel frames in training mode; a module of its own, so that a frozen encoder can have it."""

    def __init__(self, settings: SpecAugmentSettings) -> None:
        """Keep the settings; there are no weights."""
        super().__init__()
        self.settings = settings

    def forward(self, mel: Tensor, lengths: list[int]) -> Tensor:
        """Return log-mel with masked values set to zero, as the released training did; unchanged in eval mode.

        Draws come from torch's CPU generator, whatever the device, so that they follow the run's seed.

        Args:
            mel: ``[B, T, M]`` Whisper log-mel, which lies around zero.
            lengths: The B numbers of frames that are speech; stretches lie within them.
        """
        if not self.training:
            return mel
        settings, bins = self.settings, torch.full((len(lengths),), mel.shape[2])
        frames = torch.tensor(lengths)
        widest = torch.clamp(settings.time_share * frames, max=settings.time_width)
        time = _spans(frames, widest, settings.time_masks, mel.shape[1])
        band = torch.clamp(bins, max=settings.frequency_width)
        frequency = _spans(bins, band, settings.frequency_masks, mel.shape[2])
        hidden = time.unsqueeze(2) | frequency.unsqueeze(1)
        return mel.masked_fill(hidden.to(mel.device, non_blocking=True), 0.0)


def _spans(sizes: Tensor, widest: Tensor, count: int, positions: int) -> Tensor:
    """Draw ``count`` spans of up to ``widest [B]`` places within ``sizes [B]``: True there, ``[B, positions]``."""
    shape = (len(sizes), count)
    widths = (torch.rand(shape) * (widest.floor().unsqueeze(1) + 1)).floor()
    starts = (torch.rand(shape) * (sizes.unsqueeze(1) - widths + 1)).floor()
    place = torch.arange(positions)
    inside = (place >= starts.unsqueeze(2)) & (place < (starts + widths).unsqueeze(2))
    return inside.any(1)
