"""A finished test on disk: ``metrics.json``, ``predictions.jsonl`` and the audio of its examples."""

import base64
import json
import math
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

from c2ser_lightning.metrics.recognition import ClassScores, RecognitionScores
from c2ser_lightning.report.further import read_further
from c2ser_lightning.report.json_numbers import without_nan
from c2ser_lightning.report.predictions import Prediction, read_predictions, write_predictions
from c2ser_lightning.report.probes import PROBES_FILE, ProbeReport, read_probes
from c2ser_lightning.report.scoring import FurtherScores

METRICS_FILE, PREDICTIONS_FILE, AUDIO_FILE = "metrics.json", "predictions.jsonl", "audio.json"


class ResultError(ValueError):
    """A finished test cannot be read back; the message names the file."""


@dataclass(frozen=True, slots=True)
class Result:
    """What one system did on one test set.

    Attributes:
        name: The system.
        corpus: The test set.
        synthetic: Whether its speech is synthetic.
        date: Day of the test, ISO.
        scores: Metrics.
        predictions: One for each utterance, sorted by key.
        audio: Encoded FLAC of some utterances, by key.
        further: What is measured beside recognition.
        training_languages: ISO 639-1 codes of what the system was trained on; empty where it is not known.
        probes: What became of its answers when the speech was changed, where that was tried.
    """

    name: str
    corpus: str
    synthetic: bool
    date: str
    scores: RecognitionScores
    predictions: list[Prediction]
    audio: dict[str, bytes]
    further: FurtherScores = field(default_factory=FurtherScores)
    training_languages: tuple[str, ...] = ()
    probes: ProbeReport | None = None

    def write(self, folder: Path) -> None:
        """Write the three files."""
        folder.mkdir(parents=True, exist_ok=True)
        names = ("name", "corpus", "synthetic", "date", "training_languages")
        header = {name: getattr(self, name) for name in names}
        text = json.dumps(
            without_nan({**header, **asdict(self.scores), **asdict(self.further)}), ensure_ascii=False, indent=1
        )
        (folder / METRICS_FILE).write_text(text + "\n", encoding="utf-8")
        write_predictions(folder / PREDICTIONS_FILE, self.predictions)
        audio = {key: base64.b64encode(data).decode() for key, data in self.audio.items()}
        (folder / AUDIO_FILE).write_text(json.dumps(audio), encoding="utf-8")

    @classmethod
    def read(cls, folder: Path, name: str | None = None) -> Self:
        """Read a folder that :meth:`write` filled.

        Raises:
            FileNotFoundError: The folder holds no finished test; the message says how to make one.
            ResultError: ``metrics.json`` or ``audio.json`` is damaged.
            PredictionFileError: A line of ``predictions.jsonl`` is no prediction.
            ProbeFileError: ``probes.json`` is damaged.
        """
        for path in (folder / METRICS_FILE, folder / PREDICTIONS_FILE):
            if not path.is_file():
                raise FileNotFoundError(f"no {path.name} in {folder}; run: python -m c2ser_lightning test --config ...")
        header, scores, further = _read_metrics(folder / METRICS_FILE)
        return cls(
            **{**header, "name": name or header["name"]},
            scores=scores,
            predictions=read_predictions(folder / PREDICTIONS_FILE),
            audio=_read_audio(folder / AUDIO_FILE),
            further=further,
            probes=read_probes(folder / PROBES_FILE),
        )


def _read_metrics(path: Path) -> tuple[dict[str, Any], RecognitionScores, FurtherScores]:
    try:
        fields = json.loads(path.read_text(encoding="utf-8"))
        further = read_further(fields)
        header = {key: fields.pop(key) for key in ("name", "corpus", "synthetic", "date")}
        header["training_languages"] = tuple(fields.pop("training_languages", ()))
        fields["emotions"] = tuple(fields["emotions"])
        fields["ci95"] = {key: (low, high) for key, (low, high) in fields["ci95"].items()}
        fields["per_class"] = {
            key: ClassScores(**{**row, "recall": math.nan if row["recall"] is None else row["recall"]})
            for key, row in fields["per_class"].items()
        }
        return header, RecognitionScores(**fields), further
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ResultError(f"{path}: not the scores of a finished test: {error!r}; run the test again") from error


def _read_audio(path: Path) -> dict[str, bytes]:
    """Read the examples' audio; a test whose audio file was left behind is shown without."""
    if not path.is_file():
        return {}
    try:
        return {key: base64.b64decode(data) for key, data in json.loads(path.read_text(encoding="utf-8")).items()}
    except (ValueError, TypeError, AttributeError) as error:
        raise ResultError(f"{path}: not audio by key: {error!r}; delete it or run the test again") from error
