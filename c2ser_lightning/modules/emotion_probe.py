"""A probe on frozen Emotion2Vec features: how much emotion is readable without touching the encoder."""

from functools import partial

import torch
import torch.nn.functional as F
from lightning.pytorch.utilities.types import OptimizerLRScheduler
from torch import Tensor

from c2ser_lightning.data.batch import UNLABELLED, Batch
from c2ser_lightning.emotions import EMOTION_INDEX, EMOTIONS
from c2ser_lightning.metrics.recognition import RecognitionMetrics
from c2ser_lightning.models.backbone import identity
from c2ser_lightning.models.emotion2vec.encoder import Emotion2Vec
from c2ser_lightning.models.emotion2vec.load import Emotion2VecSource, load_emotion2vec
from c2ser_lightning.models.feature_cache import FeatureCache
from c2ser_lightning.models.probe_head import ProbeHead, ProbeHeadConfig
from c2ser_lightning.modules.checkpointing import TrainedWeightsModule
from c2ser_lightning.modules.optimization import OptimizerConfig, build_optimizer
from c2ser_lightning.modules.recognizer import Recognizer
from c2ser_lightning.report.predictions import Prediction


class EmotionProbe(TrainedWeightsModule, Recognizer):
    """Last-layer features, layer norm, a small head, cross-entropy (paper V-B, following EmoBox)."""

    def __init__(
        self, encoder: Emotion2VecSource, head: ProbeHeadConfig, optimizer: OptimizerConfig, cache_megabytes: int = 0
    ) -> None:
        """Keep the settings; the encoder is loaded in :meth:`configure_model`.

        Args:
            encoder: The frozen encoder.
            head: The probe.
            optimizer: Optimizer and schedule.
            cache_megabytes: Host memory for the encoder's features, so that small corpora are encoded once.
        """
        super().__init__()
        encoder.check_cache(cache_megabytes)
        self.cache = FeatureCache(cache_megabytes)
        self.source, self.head_settings, self.optimizer_config = encoder, head, optimizer
        self.encoder: Emotion2Vec | None = None
        self.metrics = RecognitionMetrics(EMOTIONS)

    def configure_model(self) -> None:
        """Load the encoder and build the head. Repeated calls do nothing."""
        if self.encoder is not None:
            return
        self.encoder = load_emotion2vec(self.source).requires_grad_(False)
        self.head = ProbeHead(self.head_settings, self.encoder.config.embed_dim, len(EMOTIONS))

    def backbone_identities(self) -> dict[str, str]:
        """Name the frozen encoder."""
        return {"emotion2vec": identity(self.source.checkpoint)}

    def forward(self, batch: Batch) -> Tensor:
        """Return class logits ``[B, 7]``."""
        frames, valid = self.cache.fetch(batch.keys, batch.waveforms.device, partial(self._encode, batch))
        logits: Tensor = self.head(frames, valid)
        return logits

    @torch.no_grad()
    def _encode(self, batch: Batch, rows: list[int]) -> tuple[Tensor, Tensor]:
        """Return frames ``[R, T, D]`` of some utterances and their mask ``[R, T]``, True where valid."""
        assert self.encoder is not None
        longest = max(batch.lengths[row] for row in rows)
        waveforms, padding = batch.waveforms[rows, :longest], batch.padding_mask[rows, :longest]
        features = self.encoder.eval().extract_features(waveforms, padding)
        return features.frames, ~features.padding_mask

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
