"""Emotion2Vec-S pretraining (paper III-B): online distillation plus a category-level contrastive loss."""

import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import lightning.pytorch as pl
import torch
from lightning.pytorch.utilities.types import OptimizerLRScheduler
from torch import Tensor, nn

from c2ser_lightning.data.batch import Batch
from c2ser_lightning.emotions import EMOTIONS
from c2ser_lightning.losses.category import CategoryLoss, CategoryLossConfig
from c2ser_lightning.losses.distillation import UtteranceForm, frame_loss, spread, utterance_loss
from c2ser_lightning.models.emotion2vec import Emotion2Vec, Emotion2VecConfig
from c2ser_lightning.models.emotion2vec.checkpoint import load_released_checkpoint
from c2ser_lightning.models.emotion2vec.load import CONFIG_KEY, config_to_dict
from c2ser_lightning.models.emotion2vec.masking import Mask, MaskConfig, draw_mask, take
from c2ser_lightning.models.emotion2vec.teacher import Teacher, TeacherConfig
from c2ser_lightning.modules.optimization import OptimizerConfig, build_optimizer


@dataclass
class ObjectiveConfig:
    """Weights of the three losses (paper V-A), and the forms of the two that the paper leaves open.

    Attributes:
        frame: Weight of the frame loss.
        utterance: Weight of the utterance loss.
        category: Weight of the category loss; 0 leaves it out, which makes the run one of plain emotion2vec.
        utterance_form: ``chunk`` averages the utterance tokens (emotion2vec), ``last`` takes the last (data2vec 2.0).
        contrast: Form of the category loss.
    """

    frame: float = 1.0
    utterance: float = 0.1
    category: float = 100.0
    utterance_form: UtteranceForm = "chunk"
    contrast: CategoryLossConfig = field(default_factory=CategoryLossConfig)


@dataclass
class CollapseGuard:
    """When to stop a run whose representations have collapsed to a constant (released thresholds), or diverged.

    Attributes:
        min_target_spread: Least standard deviation of the teacher's targets.
        min_prediction_spread: Least standard deviation of the student's predictions.
        after_steps: Optimizer steps before which a collapse is not looked for.
        every_steps: How often losses are looked at; each look waits for the device.
    """

    min_target_spread: float = 0.1
    min_prediction_spread: float = 0.01
    after_steps: int = 5000
    every_steps: int = 100


class CollapseError(RuntimeError):
    """Targets or predictions have become constant; training on would be wasted."""


class DivergenceError(RuntimeError):
    """A loss is not a finite number any more; training on would be wasted."""


@dataclass(slots=True)
class Objective:
    """The losses of one batch and the two collapse measures."""

    frame: Tensor
    utterance: Tensor
    category: Tensor
    target_spread: Tensor
    prediction_spread: Tensor

    def shares(self, weights: ObjectiveConfig) -> dict[str, Tensor]:
        """Return each loss times its weight."""
        return {
            "frame": weights.frame * self.frame,
            "utterance": weights.utterance * self.utterance,
            "category": weights.category * self.category,
        }


class Emotion2VecS(pl.LightningModule):
    """L = L_Frm + 0.1 L_Utt + 100 L_Cate (equation 2). Unlabelled utterances take part in the first two.

    The category loss is taken on the masked pass of the student, which makes the clones of an utterance further
    positives at no cost; :class:`~c2ser_lightning.losses.category.CategoryLoss` says what else was open.
    """

    def __init__(
        self,
        model: Emotion2VecConfig,
        masking: MaskConfig,
        teacher: TeacherConfig,
        objective: ObjectiveConfig,
        guard: CollapseGuard,
        optimizer: OptimizerConfig,
        initialise_from: str | None = None,
        seed: int = 0,
    ) -> None:
        """Keep the settings; weights are made in :meth:`configure_model`.

        Args:
            model: Architecture.
            masking: Span masks and clones.
            teacher: Moving average and targets.
            objective: Loss weights.
            guard: Collapse guard.
            optimizer: Optimizer and schedule.
            initialise_from: Released emotion2vec checkpoint to start the student from.
            seed: Seed of the masks.

        Raises:
            ValueError: The form of the category loss does not go with the number of clones.
        """
        super().__init__()
        if objective.contrast.form == "clip" and masking.clones % 2:
            raise ValueError(
                f"objective.contrast.form: clip compares two views of the batch, so masking.clones must be even, "
                f"not {masking.clones}"
            )
        self.config, self.masking, self.teacher_config = model, masking, teacher
        self.objective, self.guard, self.optimizer_config = objective, guard, optimizer
        self.initialise_from, self.seed = initialise_from, seed
        self.student: Emotion2Vec | None = None

    def configure_model(self) -> None:
        """Build student, teacher and projection. Repeated calls do nothing."""
        if self.student is not None:
            return
        self.student = Emotion2Vec(self.config, with_decoder=True)
        if self.initialise_from is not None:
            released, report = load_released_checkpoint(Path(self.initialise_from), self.config)
            self.student.load_state_dict(released.state_dict(), strict=False)
            pl.utilities.rank_zero_info(f"{self.initialise_from}: {report}")
        self.teacher = Teacher(self.student.context, self.teacher_config)
        self.projection = _projection(self.config.embed_dim, self.objective.contrast.embedding_dim)
        self.category_loss = CategoryLoss(self.objective.contrast, len(EMOTIONS))

    @property
    def encoder(self) -> Emotion2Vec:
        """The student, once :meth:`configure_model` has run."""
        if self.student is None:
            raise RuntimeError("call configure_model() before using the module outside a Trainer")
        return self.student

    def objectives(self, batch: Batch, generator: torch.Generator, *, across_ranks: bool = True) -> Objective:
        """Compute the three losses of a batch under masks drawn from a host generator.

        Args:
            batch: At least one utterance, each long enough for one frame.
            generator: Host generator of the masks.
            across_ranks: Take the category loss over the batches of all ranks, which must then all come here.

        Raises:
            ValueError: An utterance is too short for a single frame; the message names it.
        """
        lengths = _frame_counts(batch, self.config)
        local, frame_mask = self.encoder.local_features(batch.waveforms, batch.padding_mask)
        mask = draw_mask(lengths, local.shape[1], self.masking, generator).to(local.device)
        encoded, predicted = self.encoder.student(local, frame_mask, mask, self.masking.noise_std)
        targets = self.teacher.targets(local.detach(), frame_mask)
        tokens, clones = self.config.extra_tokens, self.masking.clones
        wanted = take(targets.repeat_interleave(clones, 0), mask.masked)
        given = take(predicted, mask.masked)
        pooled = self._pool(encoded, frame_mask, mask)
        embeddings, categories = self.projection(pooled), batch.emotions.repeat_interleave(clones)
        return Objective(
            frame=frame_loss(given, wanted),
            utterance=utterance_loss(encoded[:, :tokens], targets, frame_mask, clones, self.objective.utterance_form),
            category=self.category_loss(embeddings, categories, clones, across_ranks=across_ranks),
            target_spread=spread(wanted),
            prediction_spread=spread(given),
        )

    def _pool(self, encoded: Tensor, frame_mask: Tensor | None, mask: Mask) -> Tensor:
        """Average a clone's student outputs ``[R, E + N, D]`` into the global embedding ``[R, D]``."""
        tokens = self.config.extra_tokens
        if self.objective.contrast.pooled == "tokens":
            return encoded[:, :tokens].mean(1)
        return _mean_kept(encoded[:, tokens:], frame_mask, mask, self.masking.clones)

    def training_step(self, batch: Batch, batch_idx: int) -> Tensor:
        """Return the weighted sum of the three losses."""
        if batch.size == 0:
            return self._idle_loss()
        losses = self.objectives(batch, self._generator(self.global_step, batch_idx, self.global_rank))
        loss = self._log(losses, batch, "train")
        self.log("train/ema_decay", self.teacher_config.decay_at(self.global_step), batch_size=batch.size)
        self.log("train/audio_padding_share", batch.padding_share, batch_size=batch.size)
        self._check(losses, loss)
        return loss

    def validation_step(self, batch: Batch, batch_idx: int) -> None:
        """Log the same losses under masks that are the same at every validation."""
        if batch.size:
            losses = self.objectives(batch, self._generator(batch_idx), across_ranks=False)
        else:
            # Logged with weight 0: ranks add up the same names, whatever each of them could decode.
            losses = Objective(*torch.zeros(5, device=self.device).unbind())
        self._log(losses, batch, "val")

    def _idle_loss(self) -> Tensor:
        """A zero for every trained weight, and this rank's empty part in the category loss, which other ranks await."""
        embeddings: Tensor = self.projection(torch.zeros(0, self.config.embed_dim, device=self.device))
        categories = torch.zeros(0, dtype=torch.long, device=self.device)
        shared: Tensor = self.category_loss(embeddings, categories, self.masking.clones)
        zeros = [weight.sum() * 0.0 for weight in self.parameters() if weight.requires_grad]
        return torch.stack(zeros).sum() + self.objective.category * shared

    def _generator(self, *numbers: int) -> torch.Generator:
        seed = hash((self.seed, *numbers)) & 0x7FFF_FFFF
        return torch.Generator().manual_seed(seed)

    def _log(self, losses: Objective, batch: Batch, stage: str) -> Tensor:
        shares = losses.shares(self.objective)
        total = torch.stack(list(shares.values())).sum()
        values = {
            f"{stage}/loss": total,
            f"{stage}/frame": losses.frame,
            f"{stage}/utterance": losses.utterance,
            f"{stage}/category": losses.category,
            **{f"{stage}/weighted_{name}": share for name, share in shares.items()},
            f"{stage}/target_spread": losses.target_spread,
            f"{stage}/prediction_spread": losses.prediction_spread,
        }
        if self.objective.contrast.learn_temperature:
            values[f"{stage}/temperature"] = torch.as_tensor(self.category_loss.temperature)
        self.log_dict(values, batch_size=batch.size, sync_dist=stage == "val")
        return total

    def _check(self, losses: Objective, total: Tensor) -> None:
        """Stop a run that is lost; looked at seldom, since every look waits for the device."""
        guard, step = self.guard, self.global_step
        if step % guard.every_steps:
            return
        if not math.isfinite(float(total.detach())):
            raise DivergenceError(_divergence_message(losses, step))
        if step < guard.after_steps:
            return
        for what, found, least in (
            ("targets", float(losses.target_spread), guard.min_target_spread),
            ("predictions", float(losses.prediction_spread), guard.min_prediction_spread),
        ):
            if found < least:
                raise CollapseError(_collapse_message(what, found, least, step))

    def configure_optimizers(self) -> OptimizerLRScheduler:
        """Optimise student and projection."""
        steps = int(self.trainer.estimated_stepping_batches)
        return build_optimizer(self.named_parameters(), self.optimizer_config, steps)

    def optimizer_step(self, epoch: int, batch_idx: int, optimizer: Any, optimizer_closure: Any = None) -> None:
        """Step, then let the teacher follow; done here so that every checkpoint holds both or neither."""
        super().optimizer_step(epoch, batch_idx, optimizer, optimizer_closure)
        self.teacher.update(self.encoder.context, self.global_step)

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Write the architecture beside the weights, so that the encoder can be loaded from the file alone."""
        checkpoint[CONFIG_KEY] = config_to_dict(self.config)


def _projection(width: int, output: int) -> nn.Sequential:
    """Three fully connected layers (paper V-A)."""
    return nn.Sequential(
        nn.Linear(width, width), nn.GELU(), nn.Linear(width, width // 2), nn.GELU(), nn.Linear(width // 2, output)
    )


def _frame_counts(batch: Batch, config: Emotion2VecConfig) -> list[int]:
    counts = [config.output_length(samples) for samples in batch.lengths]
    if min(counts) < 1:
        worst = counts.index(min(counts))
        raise ValueError(
            f"{batch.records[worst].key} has {batch.lengths[worst]} samples, but one frame needs "
            f"{config.receptive_field}; raise data.init_args.filters.min_seconds"
        )
    return counts


def _mean_kept(frames: Tensor, padding_mask: Tensor | None, mask: Mask, clones: int) -> Tensor:
    """Average the kept, valid frames ``[R, N, D]`` of each clone: ``[R, D]``."""
    if padding_mask is None:
        return frames.mean(1)
    valid = ~padding_mask.repeat_interleave(clones, 0).gather(1, mask.kept)
    weight = valid.unsqueeze(2).to(frames.dtype)
    return (frames * weight).sum(1) / weight.sum(1).clamp_min(1.0)


def _divergence_message(losses: Objective, step: int) -> str:
    found = ", ".join(
        f"{name} {float(getattr(losses, name).detach()):g}" for name in ("frame", "utterance", "category")
    )
    return (
        f"the loss is not finite at step {step} ({found}). Lower the learning rate, use bf16 instead of fp16, or clip "
        "gradients (trainer.gradient_clip_val), and start again from an earlier checkpoint."
    )


def _collapse_message(what: str, found: float, least: float, step: int) -> str:
    return (
        f"the {what} have collapsed: their standard deviation is {found:.4f} at step {step}, below {least}. "
        "Lower the learning rate or raise the teacher's decay, and start again from an earlier checkpoint."
    )
