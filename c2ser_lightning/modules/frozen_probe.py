"""What probes on a frozen encoder share: its features, a small head, cross-entropy, and answers among a label set."""

from abc import abstractmethod
from functools import partial

import torch
import torch.nn.functional as F
from lightning.pytorch.utilities.types import OptimizerLRScheduler
from torch import Tensor

from c2ser_lightning.data.batch import UNLABELLED, Batch
from c2ser_lightning.emotions import EMOTION_INDEX, EMOTIONS
from c2ser_lightning.metrics.recognition import RecognitionMetrics
from c2ser_lightning.models.feature_cache import FeatureCache
from c2ser_lightning.models.probe_head import ProbeHead, ProbeHeadConfig
from c2ser_lightning.modules.checkpointing import TrainedWeightsModule
from c2ser_lightning.modules.optimization import OptimizerConfig, build_optimizer
from c2ser_lightning.modules.recognizer import Recognizer
from c2ser_lightning.report.predictions import Prediction


class FrozenProbe(TrainedWeightsModule, Recognizer):
    """Last-layer features, layer norm, a small head, cross-entropy (paper V-B, following EmoBox)."""

    def __init__(self, head: ProbeHeadConfig, optimizer: OptimizerConfig, cache_megabytes: int = 0) -> None:
        """Keep the settings; subclasses load their encoder in :meth:`configure_model` and build the head for it.

        Args:
            head: The probe.
            optimizer: Optimizer and schedule.
            cache_megabytes: Host memory for the encoder's features, so that small corpora are encoded once.
        """
        super().__init__()
        self.cache = FeatureCache(cache_megabytes)
        self.head_settings, self.optimizer_config = head, optimizer
        self.metrics = RecognitionMetrics(EMOTIONS)

    def build_head(self, dimension: int) -> None:
        """Build the head for features of a width."""
        self.head = ProbeHead(self.head_settings, dimension, len(EMOTIONS))

    @abstractmethod
    def encode(self, waveforms: Tensor, padding_mask: Tensor, lengths: list[int]) -> tuple[Tensor, Tensor]:
        """Return frames ``[R, T, D]`` of R utterances and their mask ``[R, T]``, True where valid.

        Args:
            waveforms: ``[R, S]`` at 16 kHz, zero where padded.
            padding_mask: ``[R, S]`` bool, True where padded.
            lengths: The R sample counts.
        """

    def forward(self, batch: Batch) -> Tensor:
        """Return class logits ``[B, 7]``."""
        frames, valid = self.cache.fetch(batch.keys, batch.waveforms.device, partial(self._encode, batch))
        logits: Tensor = self.head(frames, valid)
        return logits

    @torch.no_grad()
    def _encode(self, batch: Batch, rows: list[int]) -> tuple[Tensor, Tensor]:
        lengths = [batch.lengths[row] for row in rows]
        longest = max(lengths)
        return self.encode(batch.waveforms[rows, :longest], batch.padding_mask[rows, :longest], lengths)

    def training_step(self, batch: Batch, batch_idx: int) -> Tensor:
        """Return the mean cross-entropy of the labelled utterances."""
        if batch.size == 0:
            return torch.stack([weight.sum() * 0.0 for weight in self.parameters() if weight.requires_grad]).sum()
        total = F.cross_entropy(self(batch), batch.emotions, ignore_index=UNLABELLED, reduction="sum")
        loss = total / (batch.emotions != UNLABELLED).sum().clamp_min(1)
        self.log("train/loss", loss, batch_size=batch.size, prog_bar=True)
        return loss

    def validation_step(self, batch: Batch, batch_idx: int) -> None:
        """Collect predictions."""
        if batch.size:
            self.metrics.update(self(batch).argmax(1), batch.emotions)

    def on_validation_epoch_end(self) -> None:
        """Log WA, UA and Macro-F1 of the validation split."""
        scores = self.metrics.compute()
        self.log_dict({"val/wa": scores.wa, "val/ua": scores.ua, "val/macro_f1": scores.macro_f1}, prog_bar=True)
        self.metrics.reset()

    def recognize(self, batch: Batch, emotions: tuple[str, ...]) -> list[Prediction]:
        """Classify among the label set."""
        if batch.size == 0:
            return []
        columns = [EMOTION_INDEX[emotion] for emotion in emotions]
        rows = self(batch)[:, columns].float().softmax(1).tolist()
        return [
            Prediction.scored(record, dict(zip(emotions, row, strict=True)))
            for record, row in zip(batch.records, rows, strict=True)
        ]

    def configure_optimizers(self) -> OptimizerLRScheduler:
        """Optimise the head."""
        steps = int(self.trainer.estimated_stepping_batches)
        return build_optimizer(self.named_parameters(), self.optimizer_config, steps)
