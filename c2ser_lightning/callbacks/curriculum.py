"""The explicit-to-implicit curriculum of stage 2 (paper III-D): who learns which kind of answer, and when."""

import math
from typing import Any, Literal

import lightning.pytorch as pl
import numpy as np

from c2ser_lightning.data.batch import Batch
from c2ser_lightning.modules.cot import ImplicitCoT

Schedule = Literal["linear", "cosine", "step", "constant"]


def explicit_probability(
    step: int, total_steps: int, *, schedule: Schedule = "linear", start: float = 1.0, end: float = 0.0
) -> float:
    """Return the probability of an explicit example at an optimizer step.

    Args:
        step: Optimizer step, from 0.
        total_steps: Optimizer steps of the whole phase.
        schedule: ``linear`` (the paper), ``cosine``, ``step`` (start until half-way, then end) or ``constant`` (start).
        start: Probability at the first step.
        end: Probability at the last step.
    """
    progress = min(1.0, step / max(1, total_steps - 1))
    share = {
        "linear": progress,
        "cosine": 0.5 * (1.0 - math.cos(math.pi * progress)),
        "step": float(progress >= 0.5),
        "constant": 0.0,
    }[schedule]
    return start + (end - start) * share


class CoTCurriculum(pl.Callback):
    """Decides in the main process, step by step, which utterances are trained on their explicit answer.

    The choice depends on the seed and the optimizer step alone: it is the same on every rank, the same whatever the
    DataLoader workers have prefetched, and the same after a resume.
    """

    def __init__(
        self,
        schedule: Schedule = "linear",
        start: float = 1.0,
        end: float = 0.0,
        mixing: Literal["batch", "sample"] = "batch",
        seed: int = 0,
    ) -> None:
        """Configure the curriculum.

        Args:
            schedule: Shape of the decay.
            start: Probability of an explicit example at the first step.
            end: Probability at the last step.
            mixing: ``batch`` draws once for all utterances of an optimizer step (the paper); ``sample`` draws for each.
            seed: Seed of the draws.
        """
        super().__init__()
        self.schedule, self.start, self.end = schedule, start, end
        self.mixing, self.seed = mixing, seed

    def probability(self, step: int, total_steps: int) -> float:
        """Return the probability of an explicit example at an optimizer step."""
        return explicit_probability(step, total_steps, schedule=self.schedule, start=self.start, end=self.end)

    def draw(self, step: int, total_steps: int, size: int) -> list[bool]:
        """Draw which of ``size`` utterances are explicit at an optimizer step."""
        generator = np.random.default_rng((self.seed, step))
        probability = self.probability(step, total_steps)
        if self.mixing == "batch":
            return [bool(generator.random() < probability)] * size
        return [bool(draw < probability) for draw in generator.random(size)]

    def on_train_batch_start(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, batch: Any, batch_idx: int
    ) -> None:
        """Choose before each step, and log the probability and the share drawn."""
        if not isinstance(pl_module, ImplicitCoT):
            raise TypeError(f"CoTCurriculum belongs to ImplicitCoT, not to {type(pl_module).__name__}")
        assert isinstance(batch, Batch)
        step, total = trainer.global_step, int(trainer.estimated_stepping_batches)
        rows = self.draw(step, total, batch.size)
        pl_module.explicit_rows = rows
        pl_module.log("curriculum/explicit_probability", self.probability(step, total), batch_size=max(1, batch.size))
        if rows:
            pl_module.log("curriculum/explicit_share", sum(rows) / len(rows), batch_size=len(rows))
