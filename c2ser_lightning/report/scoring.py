"""Everything that is measured of a system's predictions, each where the data has what it needs."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from c2ser_lightning.data.record import Level
from c2ser_lightning.emotions import EMOTION_INDEX, EMOTIONS, OTHER
from c2ser_lightning.metrics.annotators import AnnotatorMetrics, AnnotatorScores
from c2ser_lightning.metrics.calibration import CalibrationMetrics, CalibrationScores
from c2ser_lightning.metrics.efficiency import EfficiencyMetrics, EfficiencyScores
from c2ser_lightning.metrics.grounding import SILENT, GroundingMetrics, GroundingScores
from c2ser_lightning.metrics.hearing import HearingMetrics, HearingScores
from c2ser_lightning.metrics.recognition import UNPARSED, RecognitionMetrics, RecognitionScores
from c2ser_lightning.metrics.soft_labels import SoftLabelMetrics, SoftLabelScores
from c2ser_lightning.metrics.speakers import SpeakerMetrics, SpeakerScores
from c2ser_lightning.report.predictions import Prediction
from c2ser_lightning.text.grounding import LEVEL_INDEX, ground, transcript_errors
from c2ser_lightning.text.parsing import parse_emotion
from c2ser_lightning.text.style_words import ATTRIBUTES

_VOTED = (*EMOTIONS, OTHER)


@dataclass(slots=True)
class FurtherScores:
    """What is measured beside recognition; ``None`` where the data or the system has not what it needs.

    Attributes:
        speakers: Intervals over speakers; needs two speakers.
        annotators: Scores that know of annotators' votes; needs votes in the shards.
        soft_labels: Probabilities against votes; needs votes and scored labels.
        calibration: Whether probabilities mean what they say; needs scored labels.
        grounding: Claims of explanations against measured style and transcript; needs generated explanations.
        efficiency: Time and tokens of an answer; needs a test run, not a file.
        hearing: Errors of the transcripts that the system itself wrote; needs such a system.
    """

    speakers: SpeakerScores | None = None
    annotators: AnnotatorScores | None = None
    soft_labels: SoftLabelScores | None = None
    calibration: CalibrationScores | None = None
    grounding: GroundingScores | None = None
    efficiency: EfficiencyScores | None = None
    hearing: HearingScores | None = None


class Scoring(nn.Module):
    """All metrics of one test, fed with predictions; a module, so that Lightning's devices and ranks apply."""

    def __init__(self, emotions: Sequence[str]) -> None:
        """Score over a label set."""
        super().__init__()
        self.emotions = tuple(emotions)
        self.recognition = RecognitionMetrics(self.emotions)
        self.speakers = SpeakerMetrics(len(self.emotions))
        self.annotators = AnnotatorMetrics(self.emotions)
        self.soft_labels = SoftLabelMetrics()
        self.calibration = CalibrationMetrics()
        self.grounding = GroundingMetrics()
        self.efficiency = EfficiencyMetrics()
        self.hearing = HearingMetrics()

    def update(self, predictions: Sequence[Prediction]) -> None:
        """Count a batch of predictions."""
        if not predictions:
            return
        given = torch.tensor([_class_id(self._named(row)) for row in predictions])
        wanted = torch.tensor([_class_id(row.emotion) for row in predictions])
        device = self.recognition.device
        self.recognition.update(given.to(device), wanted.to(device))
        self.annotators.update(given, wanted, _votes(predictions))
        scored = [row for row in predictions if row.emotion in self.emotions]
        if scored:
            columns = torch.tensor([self._column(row.predicted) for row in scored])
            rows = torch.tensor([self._column(row.emotion) for row in scored])
            self.speakers.update([f"{row.corpus}/{row.speaker}" for row in scored], columns, rows)
        self._update_probabilities([row for row in scored if row.probabilities])
        self._update_grounding([row for row in predictions if row.answer])
        self._update_hearing([row for row in predictions if row.heard is not None])

    def compute(self) -> tuple[RecognitionScores, FurtherScores]:
        """Return all scores, over all ranks."""
        with warnings.catch_warnings():  # a metric that met no data of its kind is no mistake here
            warnings.filterwarnings("ignore", message=".*called before the ``update``.*")
            further = FurtherScores(
                speakers=self.speakers.compute(),
                annotators=self.annotators.compute(),
                soft_labels=self.soft_labels.compute(),
                calibration=self.calibration.compute(),
                grounding=self.grounding.compute(),
                efficiency=self.efficiency.compute(),
                hearing=self.hearing.compute(),
            )
            return self.recognition.compute(), further

    def _update_probabilities(self, rows: Sequence[Prediction]) -> None:
        if not rows:
            return
        table = [[(row.probabilities or {}).get(emotion, 0.0) for emotion in self.emotions] for row in rows]
        probabilities = torch.tensor(table, dtype=torch.double)
        right = torch.tensor([row.correct for row in rows])
        self.calibration.update(probabilities.max(1).values, right)
        members = [EMOTION_INDEX[emotion] for emotion in self.emotions]
        self.soft_labels.update(_votes(rows)[:, members], probabilities)

    def _update_grounding(self, rows: Sequence[Prediction]) -> None:
        if not rows:
            return
        found = [ground(row.answer, row.transcript, row.levels) for row in rows]
        measured = [[_level_id(getattr(one.measured, name)) for name in ATTRIBUTES] for one in found]
        claimed = [[_level_id(one.claimed.get(name)) for name in ATTRIBUTES] for one in found]
        edits = [[one.edits, one.words, one.stated is not None, one.mandarin] for one in found]
        content = [[one.content_words, len(one.fabricated)] for one in found]
        self.grounding.update(*map(_whole, (measured, claimed, edits, content)))

    def _update_hearing(self, rows: Sequence[Prediction]) -> None:
        compared = [transcript_errors(row.heard or "", row.transcript) for row in rows]
        if edits := [[one.edits, one.words, one.mandarin] for one in compared if one.words]:
            self.hearing.update(_whole(edits))

    def _named(self, row: Prediction) -> str | None:
        """Return the emotion an answer names; one outside the label set is asked for by ``macro_f1_seen`` alone."""
        if row.predicted is not None or not row.answer:
            return row.predicted
        outside = parse_emotion(row.answer)
        return None if outside in self.emotions else outside

    def _column(self, emotion: str | None) -> int:
        return self.emotions.index(emotion) if emotion in self.emotions else len(self.emotions)


def score(predictions: Sequence[Prediction], emotions: Sequence[str]) -> tuple[RecognitionScores, FurtherScores]:
    """Return all scores of predictions read from a file."""
    scoring = Scoring(emotions)
    scoring.update(predictions)
    return scoring.compute()


def recognition(predictions: Sequence[Prediction], emotions: Sequence[str]) -> RecognitionScores:
    """Return the recognition scores alone, by what stands as predicted."""
    metric = RecognitionMetrics(emotions)
    if predictions:
        given, wanted = ([_class_id(emotion) for emotion in side] for side in _pairs(predictions))
        metric.update(torch.tensor(given), torch.tensor(wanted))
    return metric.compute()


def _pairs(predictions: Sequence[Prediction]) -> tuple[list[str | None], list[str | None]]:
    return [row.predicted for row in predictions], [row.emotion for row in predictions]


def _class_id(emotion: str | None) -> int:
    return UNPARSED if emotion is None else EMOTION_INDEX[emotion]


def _level_id(level: Level | None) -> int:
    return SILENT if level is None else LEVEL_INDEX[level]


def _votes(rows: Sequence[Prediction]) -> Tensor:
    """Return ``[B, 8]`` votes for the seven emotions and for anything else."""
    return torch.tensor([[row.votes.get(name, 0) for name in _VOTED] for row in rows], dtype=torch.long)


def _whole(table: list[list[int]]) -> Tensor:
    return torch.tensor(table, dtype=torch.long)
