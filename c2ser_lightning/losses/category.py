"""The category-level contrastive loss of Emotion2Vec-S (paper III-B), with what the paper leaves open as settings."""

import math
from dataclasses import dataclass
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from c2ser_lightning.losses.class_queue import ClassQueue
from c2ser_lightning.losses.contrastive import Pairs, info_nce, pairwise
from c2ser_lightning.losses.gathering import gather_rows

LARGEST_SCALE = 100.0
"""A learned temperature stays above 0.01, as in CLIP."""


@dataclass
class CategoryLossConfig:
    """Form of the category loss.

    Attributes:
        form: ``infonce`` compares every embedding with all others; ``clip`` only with the other view of the batch (two
            halves of the clones), in both directions; ``pairwise`` moves each pair on its own.
        temperature: Temperature of the similarities, at the start where it is learned. ``pairwise`` has none.
        learn_temperature: Train it, as CLIP does.
        margin: Cosine similarity below which ``pairwise`` leaves negative pairs alone.
        queue: Embeddings of past batches kept for each class as further partners; 0 for none. For rare emotions.
        robustness: 0 trusts the labels; up to 1 bounds what a single, possibly mislabelled pair can cost.
        embedding_dim: Width behind the three fully connected layers on which similarities are taken.
        pooled: What is averaged into the global embedding G: kept ``frames`` or utterance ``tokens``.
    """

    form: Literal["infonce", "clip", "pairwise"] = "infonce"
    temperature: float = 0.1
    learn_temperature: bool = False
    margin: float = 0.0
    queue: int = 0
    robustness: float = 0.0
    embedding_dim: int = 128
    pooled: Literal["frames", "tokens"] = "frames"

    def __post_init__(self) -> None:
        """Refuse settings that would do nothing or make no sense."""
        if self.temperature <= 0:
            raise ValueError(f"objective.contrast.temperature must be positive, not {self.temperature}")
        if not 0.0 <= self.robustness <= 1.0:
            raise ValueError(f"objective.contrast.robustness must lie between 0 and 1, not {self.robustness}")
        if self.form == "pairwise" and (self.robustness or self.learn_temperature):
            raise ValueError("objective.contrast: pairwise has no temperature, and its cost is bounded already")


class CategoryLoss(nn.Module):
    """L_Cate: embeddings of the same emotion are positive pairs, of different emotions negative ones.

    The paper leaves three readings open; the defaults are ours:

    1. *The form.* "Maximising the similarity of positive pairs while minimising that of negative pairs", "inspired by
       CLIP", may be a softmax over all others, CLIP's two-sided softmax between two views, or a sum over single pairs.
       Default ``infonce``: a softmax weighs hard negatives most, and unlike ``clip`` it uses every pair of the batch.
    2. *The global embedding G.* "After average pooling" may mean frames or utterance tokens. Default ``frames``: their
       mean is the utterance embedding that emotion2vec itself extracts, and what the probe of Table V reads.
    3. *The "classifier consisting of three fully connected layers".* Equation 2 has no classification term, so it can
       be a head that L_Cate looks through, or one trained for pseudo-labels. Here it is the projection in front of the
       similarities, as usual in contrastive learning; it is thrown away afterwards, and emotion2vec's backbone stays.

    Unlabelled utterances take no part. Ranks share their embeddings, so pairs are found over the global batch.
    """

    def __init__(self, config: CategoryLossConfig, classes: int) -> None:
        """Make the queue and the learned temperature, where wanted."""
        super().__init__()
        self.config = config
        self.queue = ClassQueue(classes, config.queue, config.embedding_dim) if config.queue else None
        start = torch.tensor(math.log(1.0 / config.temperature))
        self.log_scale = nn.Parameter(start) if config.learn_temperature else None

    @property
    def temperature(self) -> Tensor | float:
        """The present temperature."""
        return self.config.temperature if self.log_scale is None else 1.0 / self._scale()

    def forward(self, embeddings: Tensor, categories: Tensor, clones: int = 1, *, across_ranks: bool = True) -> Tensor:
        """Return the loss.

        Args:
            embeddings: ``[N, D]``, of any length; they are normalised here. N may be 0.
            categories: ``[N]`` class ids, -1 for unlabelled.
            clones: Copies of each utterance, next to each other; even and odd ones are the two views of ``clip``.
            across_ranks: Compare with the embeddings of all ranks. Every rank must then call this equally often, also
                with no rows; switch off where ranks may hold different numbers of batches, as in validation.

        Returns:
            A scalar; a zero connected to ``embeddings`` when there is no pair.
        """
        # Autocast would round the similarities to three digits before they are divided by the temperature.
        with torch.autocast(embeddings.device.type, enabled=False):
            own = F.normalize(embeddings.float(), dim=-1)
            rows, classes = gather_rows(own, categories) if across_ranks else (own, categories)
            loss = self._compare(rows, classes, clones)
            if self.training and self.queue is not None:
                first = torch.arange(len(rows), device=rows.device) % clones == 0
                self.queue.push(rows.detach(), torch.where(first, classes, -1))
            return loss + embeddings.float().sum() * 0.0

    def _compare(self, rows: Tensor, classes: Tensor, clones: int) -> Tensor:
        others, excluded = (rows, classes), self._excluded(len(rows), clones, rows.device)
        if self.queue is not None and self.training:
            past = self.queue.contents()
            others = torch.cat([rows, past[0]]), torch.cat([classes, past[1]])
            excluded = F.pad(excluded, (0, len(past[1])), value=False)
        pairs = Pairs.of(rows @ others[0].T, classes, others[1], excluded)
        if self.config.form == "pairwise":
            return pairwise(pairs, self.config.margin)
        return info_nce(pairs, self._scale(), self.config.robustness)

    def _excluded(self, count: int, clones: int, device: torch.device) -> Tensor:
        """Return which pairs ``[N, N]`` are not compared: a row and itself, for ``clip`` all rows of its own view."""
        if self.config.form == "clip":
            view = torch.arange(count, device=device) % clones % 2
            return view.unsqueeze(0) == view.unsqueeze(1)
        return torch.eye(count, dtype=torch.bool, device=device)

    def _scale(self) -> Tensor | float:
        if self.log_scale is None:
            return 1.0 / self.config.temperature
        return self.log_scale.exp().clamp_max(LARGEST_SCALE)
