"""SECap training (Xu et al., AAAI 2024): stage 1 aligns speech with captions, stage 2 has a language model write them.

docs/secap.md says what is as published and what is ours.
"""

from dataclasses import dataclass, field

import torch
from lightning.pytorch.utilities.types import OptimizerLRScheduler
from torch import Tensor

from c2ser_lightning.data.batch import Batch
from c2ser_lightning.data.record import UtteranceRecord
from c2ser_lightning.losses.caption_contrast import CaptionContrastConfig, caption_contrast
from c2ser_lightning.losses.gathering import gather_rows
from c2ser_lightning.losses.imbalance import ImbalanceConfig
from c2ser_lightning.losses.mutual_information import VCLUB
from c2ser_lightning.models.backbone import BackboneError, identity
from c2ser_lightning.models.language_model import LanguageModelSettings
from c2ser_lightning.models.secap.alignment import SpeechTextAlignment
from c2ser_lightning.models.secap.hubert import HubertSettings
from c2ser_lightning.models.secap.model import SECapModel
from c2ser_lightning.models.secap.qformer import QFormerSettings
from c2ser_lightning.modules.answering import AnsweringModule, AnsweringSettings, require_text, speech_of
from c2ser_lightning.modules.checkpointing import TrainedWeightsModule
from c2ser_lightning.modules.optimization import OptimizerConfig, build_optimizer
from c2ser_lightning.text.captions import style_caption
from c2ser_lightning.text.prompts import Mode, PromptSettings

ONLY_IN_STAGE_1 = r"^estimator\.|\.qformer\.words\.|\.layer\.\d+\.(intermediate|output)\."
"""Weights of stage 1 that stage 2 has no use for: the estimator, and the Q-Former's text half."""

NOT_IN_STAGE_1 = ("model.projection.", "model.language_model.")


@dataclass
class AlignmentConfig:
    """What stage 1 minimises (SECap, equation 6). The weights' values are ours: we could not read the paper's.

    Attributes:
        mutual_information: Weight of the bound of the mutual information between speech and transcript.
        contrast: Weight of the contrast between speech and captions.
        captions: Form of the contrast.
        estimator_hidden: Hidden width of the bound's estimator.
    """

    mutual_information: float = 0.01
    contrast: float = 1.0
    captions: CaptionContrastConfig = field(default_factory=CaptionContrastConfig)
    estimator_hidden: int = 512


@dataclass(slots=True)
class AlignmentLosses:
    """The losses of one batch; ``estimation`` only trains the estimator that ``mutual_information`` looks through."""

    mutual_information: Tensor
    contrast: Tensor
    estimation: Tensor

    def total(self, config: AlignmentConfig) -> Tensor:
        """Return the weighted sum that the bridge is trained on."""
        return config.mutual_information * self.mutual_information + config.contrast * self.contrast


class SECapAlignment(TrainedWeightsModule):
    """Stage 1: the Q-Former learns to hear what captions say and transcripts do not.

    Transcripts' vectors are held fixed in the bound, so it can only be lowered by what the queries hear, and not by a
    text half that forgets what it reads; the text half learns from captions.
    """

    def __init__(
        self,
        hubert: HubertSettings,
        qformer: QFormerSettings,
        objective: AlignmentConfig,
        optimizer: OptimizerConfig,
        tokenizer: str | None = None,
        cache_megabytes: int = 0,
    ) -> None:
        """Keep the settings; weights are loaded in :meth:`configure_model`.

        Args:
            hubert: The frozen encoder.
            qformer: The Q-Former.
            objective: Losses.
            optimizer: Optimizer and schedule.
            tokenizer: Tokenizer of the Q-Former's text half; that of ``qformer.source`` by default.
            cache_megabytes: Host memory for HuBERT's frames of each utterance; 0 asks it every time.
        """
        super().__init__()
        self.hubert, self.qformer, self.objective = hubert, qformer, objective
        self.optimizer_config, self.tokenizer, self.cache_megabytes = optimizer, tokenizer, cache_megabytes
        self.model: SpeechTextAlignment | None = None

    def configure_model(self) -> None:
        """Load HuBERT and build the rest. Repeated calls do nothing."""
        if self.model is None:
            _refuse_sharding(self)
            self.model = SpeechTextAlignment(self.hubert, self.qformer, self.tokenizer, self.cache_megabytes)
            self.estimator = VCLUB(self.model.width, self.model.width, self.objective.estimator_hidden)

    @property
    def alignment(self) -> SpeechTextAlignment:
        """The model, once :meth:`configure_model` has run."""
        if self.model is None:
            raise RuntimeError("call configure_model() before using the module outside a Trainer")
        return self.model

    def backbone_identities(self) -> dict[str, str]:
        """Name the frozen encoder."""
        return {"hubert": identity(self.hubert.source)}

    def configure_optimizers(self) -> OptimizerLRScheduler:
        """Optimise the bridge, its text half and the estimator."""
        steps = int(self.trainer.estimated_stepping_batches)
        return build_optimizer(self.named_parameters(), self.optimizer_config, steps)

    def objectives(self, batch: Batch, *, across_ranks: bool) -> AlignmentLosses:
        """Compute the losses of a batch, which may be empty.

        Args:
            batch: Utterances with explicit texts; those without a transcript are left out of the mutual information.
            across_ranks: Compare over the batches of all ranks, which must then all come here.
        """
        spoken = [row for row, record in enumerate(batch.records) if record.transcript.strip()]
        model = self.alignment
        speech = model.speech_vectors(speech_of(batch)) if batch.size else model.text_vectors([])
        captions = model.text_vectors([_caption(record) for record in batch.records])
        with torch.no_grad():
            transcripts = model.text_vectors([batch.records[row].transcript for row in spoken])
        compared, paired = (speech, captions, batch.emotions), (transcripts, speech[spoken])
        heard, read, emotions = gather_rows(*compared) if across_ranks else compared
        known, guessed = gather_rows(*paired) if across_ranks else paired
        return AlignmentLosses(
            mutual_information=self.estimator.bound(known, guessed),
            contrast=caption_contrast(heard, read, emotions, self.objective.captions),
            estimation=self.estimator.estimation(known, guessed),
        )

    def training_step(self, batch: Batch, batch_idx: int) -> Tensor:
        """Return the weighted losses and, for the estimator alone, its likelihood."""
        losses = self.objectives(batch, across_ranks=True)
        loss = losses.total(self.objective) + losses.estimation
        if batch.size == 0:
            # Other ranks wait for a gradient of every weight.
            return (
                loss + torch.stack([weight.sum() * 0.0 for weight in self.parameters() if weight.requires_grad]).sum()
            )
        self._log(losses, batch, "train")
        return loss

    def validation_step(self, batch: Batch, batch_idx: int) -> None:
        """Log the same losses over the batch of this rank."""
        self._log(self.objectives(batch, across_ranks=False), batch, "val")

    def _log(self, losses: AlignmentLosses, batch: Batch, stage: str) -> None:
        values = {
            f"{stage}/mutual_information": losses.mutual_information,
            f"{stage}/contrast": losses.contrast,
            f"{stage}/estimation": losses.estimation,
        }
        self.log(
            f"{stage}/loss",
            losses.total(self.objective),
            batch_size=batch.size,
            prog_bar=True,
            sync_dist=stage == "val",
        )
        self.log_dict(values, batch_size=batch.size, sync_dist=stage == "val")


class SECap(AnsweringModule):
    """Stage 2, and the system that is tested: a frozen language model captions what the bridge hears.

    The explicit answer is the caption: the explicit text of the shards without the words that were spoken, which the
    bridge was taught to leave out. With ``mode: implicit`` it learns the short answers, which can be scored.
    """

    model: SECapModel | None

    def __init__(
        self,
        hubert: HubertSettings,
        qformer: QFormerSettings,
        language_model: LanguageModelSettings,
        prompts: PromptSettings,
        optimizer: OptimizerConfig,
        answering: AnsweringSettings,
        mode: Mode = "explicit",
        initialise_from: str | None = None,
        cache_megabytes: int = 0,
        imbalance: ImbalanceConfig | None = None,
    ) -> None:
        """Keep the settings; weights are loaded in :meth:`configure_model`.

        Args:
            hubert: The frozen encoder.
            qformer: The Q-Former.
            language_model: The language model; as published without LoRA.
            prompts: Questions and layout.
            optimizer: Optimizer and schedule.
            answering: How test and predict answer.
            mode: ``explicit`` trains on and asks for captions, ``implicit`` for the emotion only.
            initialise_from: Checkpoint of stage 1, or of this stage, to start from.
            cache_megabytes: Host memory for HuBERT's frames of each utterance; 0 asks it every time.
            imbalance: What the training loss does about rare emotions; nothing without it.
        """
        super().__init__(prompts, optimizer, answering, imbalance)
        self.hubert, self.qformer, self.language_model_settings = hubert, qformer, language_model
        self.mode, self.initialise_from, self.cache_megabytes = mode, initialise_from, cache_megabytes

    def configure_model(self) -> None:
        """Load the backbones and, if asked for, the weights of an earlier run. Repeated calls do nothing."""
        if self.model is not None:
            return
        _refuse_sharding(self)
        self.model = SECapModel(self.hubert, self.qformer, self.language_model_settings, self.cache_megabytes)
        if self.initialise_from is not None:
            self.load_trained(self.initialise_from, fresh=NOT_IN_STAGE_1, unused=ONLY_IN_STAGE_1)

    def backbone_identities(self) -> dict[str, str]:
        """Name the frozen parts a checkpoint of this module needs."""
        return {
            "hubert": identity(self.hubert.source),
            "language_model": identity(self.language_model_settings.source),
        }

    def reference(self, record: UtteranceRecord, mode: Mode) -> str:
        """Return an utterance's caption, or its implicit text."""
        text = super().reference(record, mode)
        return style_caption(text, record.transcript) if mode == "explicit" else text


def _caption(record: UtteranceRecord) -> str:
    return style_caption(require_text(record.explicit or "", record, "explicit"), record.transcript)


def _refuse_sharding(module: TrainedWeightsModule) -> None:
    if module.device_mesh is not None:
        raise BackboneError(
            "SECap's weights are not divided among processes; its trained part is small, so use strategy/ddp.yaml"
        )
