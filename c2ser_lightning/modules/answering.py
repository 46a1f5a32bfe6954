"""What modules that answer in text share: the loss on one kind of answer, and how test and predict answer."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import torch
from lightning.pytorch.utilities.types import OptimizerLRScheduler
from numpy.typing import NDArray
from torch import Tensor

from c2ser_lightning.data.audio import SAMPLE_RATE
from c2ser_lightning.data.batch import Batch, silence
from c2ser_lightning.data.record import UtteranceRecord
from c2ser_lightning.emotions import EMOTIONS
from c2ser_lightning.losses.imbalance import ImbalanceConfig
from c2ser_lightning.metrics.recognition import RecognitionMetrics
from c2ser_lightning.models.audio_language_model import AnswerLoss, AudioLanguageModel
from c2ser_lightning.models.sharding import is_sharded
from c2ser_lightning.models.speech import Speech
from c2ser_lightning.modules.checkpointing import TrainedWeightsModule
from c2ser_lightning.modules.class_counts import CLASS_COUNTS, ClassCounts
from c2ser_lightning.modules.optimization import OptimizerConfig, build_optimizer
from c2ser_lightning.modules.recognizer import Recognizer
from c2ser_lightning.report.predictions import Prediction
from c2ser_lightning.text.parsing import parse_emotion
from c2ser_lightning.text.prompts import Mode, PromptSettings, Turn


@dataclass
class AnsweringSettings:
    """How an utterance is answered in ``test`` and ``predict``.

    Attributes:
        method: ``generate`` writes the answer and parses the emotion out of it; ``score`` compares the probabilities of
            the emotions' answers with one prefill (implicit answers only).
        max_new_tokens: Longest generated answer.
        beams: Beams; 1 is greedy.
        per_token: Scoring: divide an answer's log-probability by its number of tokens, so that emotions with longer
            names are not held back. It flattens the probabilities too, which costs calibration.
        whole: Scoring: score whole answers; otherwise their beginnings up to the token that tells each from all others,
            which costs little more than reading the question.
        logit_adjustment: Scoring: subtract so many times the log share of each emotion in the training data, so that
            rare emotions are not held back (Menon et al. 2021, post hoc); 0 keeps the shares.
        prior: Scoring: ``silence`` subtracts what the model says of half a second of silence, which takes out its
            preference for frequent labels (contextual calibration, Zhao et al. 2021); ``none`` keeps it.
    """

    method: Literal["generate", "score"] = "generate"
    max_new_tokens: int = 200
    beams: int = 1
    per_token: bool = False
    whole: bool = False
    logit_adjustment: float = 0.0
    prior: Literal["none", "silence"] = "none"


class AnsweringModule(TrainedWeightsModule, Recognizer):
    """Trains an audio language model on answers to one of the two questions, and answers with it.

    Attributes:
        mode: Which question is asked.
        model: The audio language model, once ``configure_model`` has run.
    """

    mode: Mode
    model: AudioLanguageModel | None

    def __init__(
        self,
        prompts: PromptSettings,
        optimizer: OptimizerConfig,
        answering: AnsweringSettings,
        imbalance: ImbalanceConfig | None = None,
    ) -> None:
        """Keep the settings.

        Args:
            prompts: Questions and layout.
            optimizer: Optimizer and schedule.
            answering: How test and predict answer.
            imbalance: What the training loss does about rare emotions; nothing without it.
        """
        super().__init__()
        self.prompts, self.optimizer_config, self.answering = prompts, optimizer, answering
        self.imbalance = imbalance or ImbalanceConfig()
        self.class_counts = ClassCounts()
        self.model = None
        self.validation_metrics = RecognitionMetrics(EMOTIONS)

    @property
    def answerer(self) -> AudioLanguageModel:
        """The model, once ``configure_model`` has run."""
        if self.model is None:
            raise RuntimeError("call configure_model() before using the module outside a Trainer")
        return self.model

    def reference(self, record: UtteranceRecord, mode: Mode) -> str:
        """Return an utterance's reference answer to one of the two questions; empty where its shard has none."""
        return (record.explicit if mode == "explicit" else record.implicit) or ""

    def configure_optimizers(self) -> OptimizerLRScheduler:
        """Optimise every parameter that requires a gradient."""
        steps = int(self.trainer.estimated_stepping_batches)
        return build_optimizer(self.named_parameters(), self.optimizer_config, steps)

    def on_fit_start(self) -> None:
        """Learn how many training utterances each emotion has, and which languages they are in."""
        super().on_fit_start()
        counts = getattr(self.trainer.datamodule, "training_counts", None)  # type: ignore[attr-defined]
        if counts is not None:
            self.class_counts = ClassCounts(counts())

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Keep the emotions' counts beside the trained weights."""
        super().on_save_checkpoint(checkpoint)
        checkpoint[CLASS_COUNTS] = dict(self.class_counts.counts)

    def take_over(self, checkpoint: dict[str, Any]) -> None:
        """Take the counts over too, for logit adjustment."""
        super().take_over(checkpoint)
        self.class_counts = ClassCounts(checkpoint.get(CLASS_COUNTS, {}))

    def modes(self, batch: Batch) -> list[Mode]:
        """Return which kind of answer each utterance of a training batch is trained on."""
        return [self.mode] * batch.size

    def possible_modes(self) -> tuple[Mode, ...]:
        """Return the kinds of answers that training may use."""
        return (self.mode,)

    def sequence_tokens(self, records: Sequence[UtteranceRecord]) -> NDArray[np.int64]:
        """Return ``[N, K]``: positions in the language model of N utterances with each of K kinds of answers."""
        samples = [round(record.duration * SAMPLE_RATE) for record in records]
        columns = [
            self.answerer.sequence_tokens(
                samples, self._longest_turn(mode), [self.reference(record, mode) for record in records]
            )
            for mode in self.possible_modes()
        ]
        return np.asarray(columns, dtype=np.int64).T

    def _longest_turn(self, mode: Mode) -> Turn:
        """Return the wording of a question that takes the most positions, so that none exceeds a batch's budget."""
        encode = self.answerer.language_model.encode
        return max(self.prompts.turns(mode), key=lambda turn: len(encode(turn.before + turn.after)))

    def training_step(self, batch: Batch, batch_idx: int) -> Tensor:
        """Return the mean cross-entropy over answer tokens."""
        if batch.size == 0:
            return self._no_loss()
        draws = [_draw(key, self.current_epoch) for key in batch.keys]
        weights = self.class_counts.weights(batch.emotions, self.imbalance)
        answer = self._loss(batch, self.modes(batch), draws, weights, self.imbalance.focal)
        self.log("train/loss", answer.loss, batch_size=batch.size, prog_bar=True)
        self.log("train/audio_padding_share", batch.padding_share, batch_size=batch.size)
        self.log("train/language_model_padding_share", answer.padding_share, batch_size=batch.size)
        return answer.loss

    def _no_loss(self) -> Tensor:
        """Return a zero that touches every trained weight, so that other ranks are not kept waiting for gradients."""
        if is_sharded(self):
            return self._loss(silence().to(self.device), [self.mode]).loss * 0.0
        return torch.stack([weight.sum() * 0.0 for weight in self.parameters() if weight.requires_grad]).sum()

    def _loss(
        self,
        batch: Batch,
        modes: list[Mode],
        draws: list[int] | None = None,
        weights: Tensor | None = None,
        focal: float = 0.0,
    ) -> AnswerLoss:
        turns = [self.prompts.turn(mode, draw) for mode, draw in zip(modes, draws or [0] * batch.size, strict=True)]
        answers = [
            require_text(self.reference(record, mode), record, mode)
            for record, mode in zip(batch.records, modes, strict=True)
        ]
        return self.answerer.answer_loss(speech_of(batch), turns, answers, weights, focal)

    def _present(self, batch: Batch) -> Batch:
        """Return the batch, or silence for an empty one: ranks that share the weights have to compute together."""
        return batch if batch.size else silence().to(self.device)

    def _idle(self, batch: Batch) -> bool:
        """Whether there is nothing to compute, neither for this rank nor for others that need its weights."""
        return batch.size == 0 and not is_sharded(self)

    def validation_step(self, batch: Batch, batch_idx: int) -> None:
        """Log the loss on this stage's answers and, for implicit answers, recognition by scored labels."""
        if self._idle(batch):
            self._log_nothing()
            return
        present = self._present(batch)
        answer = self._loss(present, [self.mode] * present.size)
        if self.mode == "implicit":
            scores = self.scores(batch, EMOTIONS)
        if batch.size == 0:
            self._log_nothing()
            return
        self.log("val/loss", answer.loss, batch_size=batch.size, sync_dist=True, prog_bar=True)
        if self.mode == "implicit":
            self.validation_metrics.update(scores.argmax(1), batch.emotions)

    def _log_nothing(self) -> None:
        """Log with weight 0: ranks add up the same names, whatever each of them could decode."""
        self.log("val/loss", torch.zeros((), device=self.device), batch_size=0, sync_dist=True, prog_bar=True)

    def on_validation_epoch_end(self) -> None:
        """Log WA, UA and Macro-F1 over the whole validation split."""
        if self.mode == "implicit":
            scores = self.validation_metrics.compute()
            self.log_dict({"val/wa": scores.wa, "val/ua": scores.ua, "val/macro_f1": scores.macro_f1}, prog_bar=True)
            self.validation_metrics.reset()

    def recognize(self, batch: Batch, emotions: tuple[str, ...]) -> list[Prediction]:
        """Answer every utterance by writing an answer or by scoring the label set, as ``answering`` says."""
        if self._idle(batch):
            return []
        if self.answering.method == "score":
            return self._scored(batch, emotions)
        return [
            Prediction.of(
                record,
                parse_emotion(text, emotions),
                answer=text,
                reference=self.reference(record, self.mode),
                tokens=len(self.answerer.language_model.encode(text)),
            )
            for record, text in zip(batch.records, self.answers(batch), strict=True)
        ]

    @property
    def asked(self) -> Mode:
        """Which of the two questions ``test`` and ``predict`` ask; labels are scored as implicit answers."""
        return "implicit" if self.answering.method == "score" else self.mode

    def wordings(self) -> list[str]:
        """Return the configured wordings of that question."""
        return self.prompts.wordings(self.asked)

    def ask_with(self, wording: str) -> None:
        """Ask that question in this wording alone."""
        explicit = self.asked == "explicit"
        self.prompts = replace(self.prompts, explicit=wording) if explicit else replace(self.prompts, implicit=wording)

    def answers(self, batch: Batch, mode: Mode | None = None) -> list[str]:
        """Generate an answer for each utterance, to the module's own question or the one that is named."""
        if self._idle(batch):
            return []
        settings, speech = self.answering, speech_of(self._present(batch))
        turn = self.prompts.turn(mode or self.mode)
        return self.answerer.generate(speech, turn, settings.max_new_tokens, settings.beams)[: batch.size]

    def scores(self, batch: Batch, emotions: tuple[str, ...]) -> Tensor:
        """Return log-probabilities ``[B, K]`` of emotions, normalised over the label set, by scoring their answers."""
        scores = self._scored_answers(self._present(batch), emotions)
        if self.answering.prior == "silence":
            scores = scores - self._scored_answers(silence().to(self.device), emotions)
        if self.answering.logit_adjustment:
            shares = self.class_counts.log_shares(emotions).to(scores)
            scores = scores.log_softmax(1) - self.answering.logit_adjustment * shares
        return scores.log_softmax(1)[: batch.size]

    def _scored_answers(self, batch: Batch, emotions: tuple[str, ...]) -> Tensor:
        """Return ``[B, K]``: the scores of each emotion's wordings, added up as probabilities."""
        wordings = [self.prompts.candidates(emotion) for emotion in emotions]
        answers = [answer for wording in wordings for answer in wording]
        turn, settings = self.prompts.turn("implicit"), self.answering
        scores = self.answerer.score(
            speech_of(batch), turn, answers, per_token=settings.per_token, whole=settings.whole
        )
        return scores.view(batch.size, len(emotions), -1).logsumexp(2)

    def _scored(self, batch: Batch, emotions: tuple[str, ...]) -> list[Prediction]:
        probabilities = self.scores(batch, emotions).exp().tolist()
        return [
            Prediction.scored(
                record, dict(zip(emotions, row, strict=True)), reference=self.reference(record, self.mode)
            )
            for record, row in zip(batch.records, probabilities, strict=True)
        ]


def require_text(text: str, record: UtteranceRecord, mode: Mode) -> str:
    """Return an utterance's training text.

    Raises:
        ValueError: It is empty: the shard holds none.
    """
    if not text:
        raise ValueError(f"{record.key} of {record.corpus} has no {mode} text; build its shards with tools.make_shards")
    return text


def _draw(key: str, epoch: int) -> int:
    """Return a number by which an utterance's wording is drawn: another in each epoch, the same after a resume."""
    return zlib.crc32(f"{key} {epoch}".encode())


def speech_of(batch: Batch) -> Speech:
    """Return a batch's audio as models take it."""
    return Speech(batch.waveforms, batch.padding_mask, batch.lengths, batch.keys, batch.vectors)
