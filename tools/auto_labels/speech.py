"""Speech labels: decode, classify in batches, and remember every result on disk."""

import json
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import torch

from c2ser_lightning.data.audio import SAMPLE_RATE, AudioError, Waveform
from c2ser_lightning.data.batch import Sample, collate
from c2ser_lightning.data.ledger import Skip
from c2ser_lightning.data.record import UtteranceRecord
from tools.auto_labels.classifier import SpeechClassifier
from tools.auto_labels.settings import SpeechSettings
from tools.auto_labels.verdict import Verdict
from tools.corpora.base import ManifestRow
from tools.corpora.recording import load_recording
from tools.teachers.exchange import Answer, Message, Request
from tools.teachers.journal import Journal


@dataclass(frozen=True, slots=True)
class Heard:
    """What the classifier says of an utterance: its length in seconds, and the verdict."""

    seconds: float
    verdict: Verdict


class SpeechLabeller:
    """Classifies rows; results are journalled, so a killed run classifies nothing twice."""

    def __init__(self, classifier: SpeechClassifier, settings: SpeechSettings, journal: Path) -> None:
        """Open the journal."""
        self.classifier, self.settings = classifier, settings
        self.journal = Journal(journal)
        self.from_journal = 0
        self._threads = ThreadPoolExecutor(settings.workers)

    def __enter__(self) -> Self:
        """Use as a context manager that ends the threads and closes the journal."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close."""
        self._threads.shutdown(cancel_futures=True)
        self.journal.__exit__(kind, error, at)

    def label(self, rows: Sequence[ManifestRow]) -> Iterator[Heard | Skip]:
        """Yield each row's result in order; the next batch is decoded while one is classified."""
        batches = [rows[at : at + self.settings.batch_size] for at in range(0, len(rows), self.settings.batch_size)]
        pending = self._begun(batches[0]) if batches else []
        for number, batch in enumerate(batches):
            loaded = [item.result() if isinstance(item, Future) else item for item in pending]
            pending = self._begun(batches[number + 1]) if number + 1 < len(batches) else []
            yield from self._classified(batch, loaded)

    def _begun(self, rows: Sequence[ManifestRow]) -> "list[Heard | Future[Waveform | Skip]]":
        """Return what the journal knows, and begin to decode the others; the journal belongs to this thread."""
        return [self._known(row) or self._threads.submit(self._load, row) for row in rows]

    def _known(self, row: ManifestRow) -> Heard | None:
        known = self.journal.get(self._digest(row))
        if known is None:
            return None
        self.from_journal += 1
        stored = json.loads(known.text)
        return Heard(stored["seconds"], self._verdict(stored["probabilities"]))

    def _load(self, row: ManifestRow) -> Waveform | Skip:
        limits = {"min_seconds": self.settings.min_seconds, "max_seconds": self.settings.max_seconds}
        try:
            return load_recording(row.audio, **limits)
        except AudioError as error:
            return Skip(row.key, error.reason, str(error), row.source)

    def _classified(
        self, rows: Sequence[ManifestRow], loaded: Sequence[Waveform | Heard | Skip]
    ) -> Iterator[Heard | Skip]:
        new = [(row, item) for row, item in zip(rows, loaded, strict=True) if not isinstance(item, Heard | Skip)]
        fresh: Iterator[Heard] = iter(())
        if new:
            lengths = [len(waveform) / SAMPLE_RATE for _, waveform in new]
            samples: list[Sample | Skip] = [
                Sample(record_of(row, seconds), torch.from_numpy(waveform))
                for (row, waveform), seconds in zip(new, lengths, strict=True)
            ]
            found = zip(new, lengths, self.classifier.probabilities(collate(samples)), strict=True)
            fresh = iter([self._remembered(row, seconds, classes) for (row, _), seconds, classes in found])
        for item in loaded:
            yield item if isinstance(item, Heard | Skip) else next(fresh)

    def _remembered(self, row: ManifestRow, seconds: float, probabilities: list[float]) -> Heard:
        rounded = [round(value, 6) for value in probabilities]
        stored = {"seconds": round(seconds, 4), "probabilities": rounded}
        self.journal.add(self._digest(row), Answer(json.dumps(stored)))
        return Heard(round(seconds, 4), self._verdict(rounded))

    def _verdict(self, probabilities: Sequence[float]) -> Verdict:
        """Take the likeliest class; the probability keeps what other classes, known or not, have of it."""
        best = max(range(len(probabilities)), key=probabilities.__getitem__)
        emotion, confidence = self.classifier.emotions[best], probabilities[best]
        if emotion is None:
            return Verdict(None, confidence, "speech_outside_the_seven", f"no home among the seven {confidence:.2f}")
        return Verdict(emotion, confidence)

    def _digest(self, row: ManifestRow) -> str:
        """Name the utterance, its file as it is now, and the classifier."""
        path = row.audio if isinstance(row.audio, Path) else row.audio.path
        state = path.stat() if path.is_file() else None
        place = row.audio if not isinstance(row.audio, Path) else ""
        words = f"{place} {state.st_size if state else 0} {state.st_mtime_ns if state else 0}"
        return Request(f"{row.corpus}/{row.key}", (Message("user", words),)).digest(self.classifier.identity)


def record_of(row: ManifestRow, seconds: float) -> UtteranceRecord:
    """Return what is known of a row before it has a label; the corpus' own label is not looked at."""
    return UtteranceRecord(
        key=row.key,
        corpus=row.corpus,
        speaker=row.speaker,
        language=row.language,
        split=row.split,
        emotion=None,
        transcript=row.transcript,
        duration=round(seconds, 4),
        gender=row.gender,
    )
