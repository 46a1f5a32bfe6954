"""Random numbers that depend on the step alone, so that a resumed run repeats the uninterrupted one exactly."""

from typing import Any

import lightning.pytorch as pl
import torch


class SeedEveryStep(pl.Callback):
    """Seeds torch before each training batch from (seed, epoch, batch, rank).

    Dropout, layerdrop and decoder noise are then the same whether or not the run was interrupted before this batch.
    """

    def __init__(self, seed: int = 0) -> None:
        """Keep the run's seed."""
        super().__init__()
        self.seed = seed

    def on_train_batch_start(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, batch: Any, batch_idx: int
    ) -> None:
        """Seed the default generators of host and device."""
        key = (self.seed, trainer.current_epoch, batch_idx, trainer.global_rank)
        torch.manual_seed(hash(key) & 0x7FFF_FFFF_FFFF_FFFF)
