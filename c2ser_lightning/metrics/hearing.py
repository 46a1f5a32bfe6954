"""How well a system that writes its own transcript has heard: word and character errors over ranks."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torchmetrics import Metric


@dataclass(slots=True)
class HearingScores:
    """What a system wrote down, held against the reference transcripts.

    Attributes:
        n: Utterances with a reference transcript that the system transcribed.
        wer: Word errors over reference words of those not in Mandarin: ``(S + D + I) / N``; NaN without any.
        cer: The same in Han characters for Mandarin.
    """

    n: int
    wer: float
    cer: float


class HearingMetrics(Metric):
    """Whole numbers only, so ranks add up to the very figures of one process."""

    full_state_update = False
    counts: Tensor

    def __init__(self) -> None:
        """Begin with nothing."""
        super().__init__()
        self.add_state("counts", torch.zeros(5, dtype=torch.long), dist_reduce_fx="sum")

    def update(self, edits: Tensor) -> None:
        """Add a batch of transcripts.

        Args:
            edits: ``[B, 3]`` word errors, reference words, 1 where they are counted in Han characters.
        """
        mandarin = edits[:, 2] > 0
        sums = [edits[rows, side].sum() for rows in (~mandarin, mandarin) for side in (0, 1)]
        self.counts += torch.stack([torch.tensor(len(edits)), *sums]).to(self.counts.device)

    def compute(self) -> HearingScores | None:
        """Return the scores, ``None`` when nothing was transcribed."""
        n, errors, words, signs, characters = self.counts.tolist()
        return HearingScores(n, _share(errors, words), _share(signs, characters)) if n else None


def _share(part: int, whole: int) -> float:
    return part / whole if whole else float("nan")
