"""Recognise emotions in files or waveforms with a trained system."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass, replace
from itertools import count, islice
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
import torch
from numpy.typing import NDArray

from c2ser_lightning.data.audio import SAMPLE_RATE, AudioError, check_waveform, load_audio
from c2ser_lightning.data.batch import Batch, Sample, collate
from c2ser_lightning.data.record import UtteranceRecord
from c2ser_lightning.emotions import EMOTIONS
from c2ser_lightning.inference.run import load_run
from c2ser_lightning.modules.answering import AnsweringModule
from c2ser_lightning.modules.recognizer import Recognizer

Recording = str | Path | NDArray[np.float32]
"""A sound file, or a waveform ``[S]`` at 16 kHz."""
Method = Literal["generate", "score"]

LONGEST = 30.0
"""Seconds that Whisper's encoder has positions for."""
WINDOW = 64
"""Recordings that are decoded ahead and sorted by length; bounds memory, whatever is asked."""


@dataclass(frozen=True, slots=True)
class Recognition:
    """What a system heard in a recording.

    Attributes:
        source: The file, or ``waveform <n>``.
        seconds: Its duration.
        emotion: The recognised emotion; ``None`` where the answer named none or the recording could not be used.
        probabilities: Of each emotion, where answers were scored.
        answer: The written answer, where one was written.
        rationale: The explanation, where one was asked for.
        heard: The words, from systems that write them down.
        problem: Why the recording could not be used; empty for all others.
    """

    source: str = ""
    seconds: float = 0.0
    emotion: str | None = None
    probabilities: dict[str, float] | None = None
    answer: str = ""
    rationale: str = ""
    heard: str | None = None
    problem: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        return asdict(self)


class EmotionRecognizer:
    """A trained system that is asked about recordings instead of shards.

    Example:
        >>> recognizer = EmotionRecognizer.from_run("runs/demo/stage2")  # doctest: +SKIP
        >>> for found in recognizer.recognize(["a.wav", "b.flac"], explain=True):  # doctest: +SKIP
        ...     print(found.source, found.emotion, found.probabilities, found.rationale)
    """

    def __init__(
        self,
        module: Recognizer,
        *,
        emotions: Sequence[str] = EMOTIONS,
        device: str = "auto",
        precision: str = "32-true",
        batch_seconds: float = 60.0,
    ) -> None:
        """Put a loaded module to use.

        Args:
            module: With its weights, as :func:`c2ser_lightning.inference.run.load_run` returns it.
            emotions: The label set: nothing outside it is recognised.
            device: ``auto`` takes the first GPU, if there is one.
            precision: As Lightning names it; ``bf16-mixed`` and ``16-mixed`` compute under autocast.
            batch_seconds: Audio in a batch, padding included.

        Raises:
            ValueError: An emotion has no such name, or the device is not there.
        """
        unknown = sorted(set(emotions) - set(EMOTIONS))
        if unknown or not emotions:
            raise ValueError(f"no such emotion: {', '.join(unknown) or 'none given'}; known: {', '.join(EMOTIONS)}")
        chosen = ("cuda" if torch.cuda.is_available() else "cpu") if device == "auto" else device
        try:
            self.module = module.to(chosen).eval()
        except (RuntimeError, AssertionError) as error:
            raise ValueError(f"device {chosen!r} cannot be used here: {str(error).splitlines()[0]}") from error
        self.emotions, self.precision, self.batch_seconds = tuple(emotions), precision, batch_seconds
        self._asked = count()  # features may be kept under an utterance's key, so no two recordings share one

    @classmethod
    def from_run(
        cls,
        folder: str | Path,
        *,
        checkpoint: str | Path | None = None,
        method: Method | None = None,
        emotions: Sequence[str] = EMOTIONS,
        device: str = "auto",
    ) -> Self:
        """Load a run, or a folder that ``tools.export`` wrote.

        Args:
            folder: The run's ``run_dir``, or the exported folder.
            checkpoint: Weights; ``checkpoints/last.ckpt`` of the run by default.
            method: ``score`` gives a probability for each emotion, ``generate`` writes the answer. By default systems
                that answer directly score, and those that explain write.
            emotions: The label set.
            device: ``auto`` takes the first GPU, if there is one.

        Raises:
            FileNotFoundError: There is no such run.
            CheckpointError: Its weights are missing or do not fit.
            ValueError: It recognises no emotions, or cannot answer by ``method``.
        """
        run = load_run(Path(folder), Path(checkpoint) if checkpoint else None, cached=False)
        _answer_by(run.module, method)
        precision = str((run.config.get("trainer") or {}).get("precision") or "32-true")
        return cls(run.module, emotions=emotions, device=device, precision=precision)

    @property
    def explains(self) -> bool:
        """Whether it can be asked for a rationale."""
        return isinstance(self.module, AnsweringModule)

    def recognize(self, recordings: Iterable[Recording], *, explain: bool = False) -> Iterator[Recognition]:
        """Recognise recordings, in their order; one that cannot be used says why and stops nothing.

        Args:
            recordings: Files, or waveforms ``[S]`` at 16 kHz, of at most 30 seconds.
            explain: Ask for a rationale too. An implicit model knows explanations from before its curriculum ended.

        Raises:
            ValueError: The system explains nothing.
        """
        if explain and not self.explains:
            raise ValueError(f"{type(self.module).__name__} explains nothing")
        return self._recognized(enumerate(recordings), explain=explain)

    def _recognized(self, recordings: Iterator[tuple[int, Recording]], *, explain: bool) -> Iterator[Recognition]:
        while window := list(islice(recordings, WINDOW)):
            found: dict[int, Recognition] = {}
            samples: dict[int, Sample] = {}
            for number, recording in window:
                try:
                    samples[number] = _sample(f"{next(self._asked)}", recording)
                except AudioError as error:
                    found[number] = Recognition(problem=str(error))
            for numbers in self._batches({number: len(sample.waveform) for number, sample in samples.items()}):
                batch = collate([samples[number] for number in numbers])
                found.update(zip(numbers, self._answers(batch, explain=explain), strict=True))
            yield from (replace(found[number], source=_name(number, recording)) for number, recording in window)

    def _batches(self, lengths: dict[int, int]) -> Iterator[list[int]]:
        """Group recordings of similar length; every batch holds at least one."""
        limit = self.batch_seconds * SAMPLE_RATE
        batch: list[int] = []
        for number in sorted(lengths, key=lambda one: lengths[one]):
            if batch and lengths[number] * (len(batch) + 1) > limit:
                yield batch
                batch = []
            batch.append(number)
        if batch:
            yield batch

    def _answers(self, batch: Batch, *, explain: bool) -> list[Recognition]:
        with torch.inference_mode(), self._autocast():
            moved = batch.to(self.module.device)
            predictions = self.module.recognize(moved, self.emotions)
            rationales = [""] * batch.size
            if explain:
                assert isinstance(self.module, AnsweringModule)
                rationales = self.module.answers(moved, "explicit")
        return [
            Recognition(
                seconds=round(prediction.duration, 3),
                emotion=prediction.predicted,
                probabilities=prediction.probabilities,
                answer=prediction.answer,
                rationale=rationale,
                heard=prediction.heard,
            )
            for prediction, rationale in zip(predictions, rationales, strict=True)
        ]

    def _autocast(self) -> AbstractContextManager[object]:
        kinds = {"bf16": torch.bfloat16, "16": torch.float16}
        dtype = kinds.get(self.precision.partition("-")[0])
        return torch.autocast(self.module.device.type, dtype) if dtype else nullcontext()


def _answer_by(module: Recognizer, method: Method | None) -> None:
    """Set how a module answers.

    Raises:
        ValueError: It has but one way.
    """
    if not isinstance(module, AnsweringModule):
        if method is not None:
            raise ValueError(f"{type(module).__name__} has one way to answer; leave the method out")
        return
    chosen = method or ("score" if module.mode == "implicit" else "generate")
    module.answering = replace(module.answering, method=chosen)


def _name(number: int, recording: Recording) -> str:
    return str(recording) if isinstance(recording, str | Path) else f"waveform {number}"


def _sample(key: str, recording: Recording) -> Sample:
    """Decode a recording and give it the record that a shard would have.

    Raises:
        AudioError: It cannot be used.
    """
    if isinstance(recording, str | Path):
        waveform = load_audio(Path(recording), max_seconds=LONGEST)
    else:
        waveform = check_waveform(recording, max_seconds=LONGEST)
    seconds = len(waveform) / SAMPLE_RATE
    return Sample(UtteranceRecord(key, "recordings", "", "en", "", None, "", seconds), torch.from_numpy(waveform))
