"""A probe on features that are there already, for any label set; it remembers its best epoch on validation."""

from dataclasses import dataclass, replace
from typing import Literal, Self

import lightning.pytorch as pl
import torch
import torch.nn.functional as F
from torch import Tensor
from torch.optim import Adam, Optimizer

from c2ser_lightning.metrics.functional import METRICS, confusion_counts
from c2ser_lightning.models.probe_head import ProbeHead, ProbeHeadConfig


@dataclass(slots=True)
class FeatureBatch:
    """Frames of B utterances.

    Attributes:
        frames: ``[B, T, D]``, zero where padded.
        valid: ``[B, T]`` bool, True where a frame belongs to the utterance.
        labels: ``[B]`` class ids.
    """

    frames: Tensor
    valid: Tensor
    labels: Tensor

    def to(self, device: torch.device | str, *, non_blocking: bool = False) -> Self:
        """Move the tensors."""
        moved = (part.to(device, non_blocking=non_blocking) for part in (self.frames, self.valid, self.labels))
        frames, valid, labels = moved
        return replace(self, frames=frames, valid=valid, labels=labels)


class FeatureProbe(pl.LightningModule):
    """The trained head of EmoBox: Adam, cross-entropy, the epoch with the best validation score.

    Attributes:
        best_score: Best validation score so far; the first epoch that reached it counts.
        best_epoch: That epoch, from 0.
    """

    def __init__(
        self,
        head: ProbeHeadConfig,
        dimension: int,
        classes: int,
        learning_rate: float,
        select_by: Literal["wa", "ua", "macro_f1"] = "ua",
    ) -> None:
        """Build the head.

        Args:
            head: The head.
            dimension: Width D of the features.
            classes: Size K of the label set.
            learning_rate: Adam's, constant.
            select_by: Validation score that tells the best epoch.
        """
        super().__init__()
        self.head = ProbeHead(head, dimension, classes)
        self.classes, self.learning_rate, self.select_by = classes, learning_rate, select_by
        self.best_score, self.best_epoch = -1.0, -1
        self._best: dict[str, Tensor] = {}
        self._counts = torch.zeros(classes, classes + 1, dtype=torch.long)

    def forward(self, batch: FeatureBatch) -> Tensor:
        """Return logits ``[B, K]``."""
        logits: Tensor = self.head(batch.frames, batch.valid)
        return logits

    def counts(self, batch: FeatureBatch) -> Tensor:
        """Return the confusion counts ``[K, K + 1]`` of a batch; the last column, unparsed, stays empty."""
        return confusion_counts(self(batch).argmax(1), batch.labels, self.classes)

    def training_step(self, batch: FeatureBatch, batch_idx: int) -> Tensor:
        """Return the mean cross-entropy."""
        return F.cross_entropy(self(batch), batch.labels)

    def on_validation_epoch_start(self) -> None:
        """Count anew."""
        self._counts.zero_()

    def validation_step(self, batch: FeatureBatch, batch_idx: int) -> None:
        """Count."""
        self._counts += self.counts(batch).cpu()

    def on_validation_epoch_end(self) -> None:
        """Log the score, and keep the weights if it is the best so far."""
        score = float(METRICS[self.select_by](self._counts))
        self.log("val/score", score, prog_bar=True)
        if score > self.best_score:
            self.best_score, self.best_epoch = score, self.current_epoch
            self._best = {name: value.detach().clone() for name, value in self.head.state_dict().items()}

    def restore_best(self) -> None:
        """Return to the weights of the best epoch."""
        self.head.load_state_dict(self._best)
        self.eval()

    def configure_optimizers(self) -> Optimizer:
        """Use Adam at a constant learning rate."""
        return Adam(self.head.parameters(), lr=self.learning_rate)
