"""Made-up results of a system, for tests of what reads, compares and shows them."""

import torch

from c2ser_lightning.emotions import EMOTION_INDEX, EMOTIONS
from c2ser_lightning.metrics.recognition import UNPARSED, RecognitionMetrics
from c2ser_lightning.report.predictions import Prediction
from c2ser_lightning.report.results import Result
from tests.shards import record


def predictions(count: int = 28, wrong_every: int = 4) -> list[Prediction]:
    made = []
    for number in range(count):
        item = record(number, 1.0, transcript=f"<b>word</b> & {number}", language="zh" if number % 2 else "en")
        answer = None if number % wrong_every == 0 else item.emotion
        made.append(Prediction.of(item, answer, answer=f"It is {answer}.", reference=item.explicit or ""))
    return made


def result(name: str = "explicit", corpus: str = "toy", rows: list[Prediction] | None = None, **changes: int) -> Result:
    rows = predictions(**changes) if rows is None else rows
    metrics = RecognitionMetrics(EMOTIONS)
    given, wanted = ([_class_id(getattr(row, side)) for row in rows] for side in ("predicted", "emotion"))
    metrics.update(torch.tensor(given), torch.tensor(wanted))
    audio = {row.key: b"fLaC" + row.key.encode() for row in rows[:6]}
    return Result(name, corpus, True, "2026-01-01", metrics.compute(), rows, audio)


def _class_id(emotion: str | None) -> int:
    return UNPARSED if emotion is None else EMOTION_INDEX[emotion]
