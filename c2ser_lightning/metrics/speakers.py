"""Intervals that treat speakers, not utterances, as the sample: few voices say less than many utterances suggest.

The cluster bootstrap (Davison and Hinkley 1997, section 2.4; Field and Welsh 2007) draws whole speakers with
replacement and scores all utterances of the drawn ones together.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torchmetrics import Metric
from torchmetrics.utilities import dim_zero_cat

from c2ser_lightning.metrics.functional import METRICS, Interval


@dataclass(slots=True)
class SpeakerScores:
    """Number of speakers, and 95 % intervals of ``wa``, ``ua`` and ``macro_f1`` over speakers."""

    speakers: int
    ci95: dict[str, Interval]


def clustered_intervals(
    counts: Tensor, *, resamples: int = 1000, seed: int = 0, level: float = 0.95
) -> dict[str, Interval]:
    """Return percentile intervals of WA, UA and Macro-F1 when whole speakers are drawn.

    Args:
        counts: ``[S, K, K + 1]`` confusion counts of each speaker.
        resamples: Bootstrap samples.
        seed: Seed of the draws.
        level: Coverage.
    """
    speakers = len(counts)
    draws = np.random.default_rng(seed).multinomial(speakers, np.full(speakers, 1.0 / speakers), size=resamples)
    tables = torch.einsum("rs,skl->rkl", torch.from_numpy(draws).double(), counts.double().cpu())
    tail = (1.0 - level) / 2.0
    quantiles = torch.tensor([tail, 1.0 - tail], dtype=torch.double)
    bounds = {name: metric(tables).quantile(quantiles).tolist() for name, metric in METRICS.items()}
    return {name: (low, high) for name, (low, high) in bounds.items()}


def speaker_id(name: str) -> int:
    """Return 62 bits that stand for a speaker in a tensor, the same in every process."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "big") >> 2


class SpeakerMetrics(Metric):
    """Keeps 16 bytes an utterance: its speaker and its cell of the confusion table; ranks put theirs together."""

    full_state_update = False
    rows: list[Tensor] | Tensor

    def __init__(self, classes: int) -> None:
        """Count answers to ``classes`` emotions."""
        super().__init__()
        self.classes = classes
        self.add_state("rows", [], dist_reduce_fx="cat")

    def update(self, speakers: Sequence[str], predictions: Tensor, references: Tensor) -> None:
        """Add a batch.

        Args:
            speakers: B names, unique over corpora.
            predictions: ``[B]`` columns of the confusion table: class below K, K for unparsed.
            references: ``[B]`` rows of it, below K.
        """
        cells = references.cpu() * (self.classes + 1) + predictions.cpu()
        ids = torch.tensor([speaker_id(name) for name in speakers], dtype=torch.long)
        assert isinstance(self.rows, list)
        self.rows.append(torch.stack([ids, cells], dim=1).to(self.device))

    def compute(self) -> SpeakerScores | None:
        """Return the intervals; ``None`` with fewer than two speakers, who say nothing of others."""
        rows = dim_zero_cat(self.rows).cpu() if len(self.rows) else torch.zeros(0, 2, dtype=torch.long)
        names, places = torch.unique(rows[:, 0], return_inverse=True)
        if len(names) < 2:
            return None
        size = self.classes * (self.classes + 1)
        counts = torch.bincount(places * size + rows[:, 1], minlength=len(names) * size)
        return SpeakerScores(len(names), clustered_intervals(counts.view(len(names), self.classes, -1)))

    def _sync_dist(self, *arguments: Any, **options: Any) -> None:
        """Meet the other ranks with an empty table where this one has none, since they gather tables of one type."""
        if isinstance(self.rows, list) and not self.rows:
            self.rows.append(torch.zeros(0, 2, dtype=torch.long, device=self.device))
        super()._sync_dist(*arguments, **options)
