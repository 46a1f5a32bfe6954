"""What the metrics of a test run cost: 10,000 answers scored, the page written, in processor seconds.

The share of a run depends on how fast the system answers, so the figure is milliseconds an answer, and the time an
answer has to take for the metrics to add less than 2 %.
"""

import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import torch

from benchmarks.machine import Machine
from c2ser_lightning.data.record import LEVELS, Levels
from c2ser_lightning.emotions import EMOTIONS
from c2ser_lightning.report.html import write_report
from c2ser_lightning.report.predictions import Prediction
from c2ser_lightning.report.results import Result
from c2ser_lightning.report.scoring import Scoring

ANSWERS, BATCH, SHARE = 10_000, 64, 0.02
SENTENCE = "the window faces a garden where my sister planted seven trees before she moved to another town"
WORDS = tuple(SENTENCE.split())


def explicit(number: int) -> Prediction:
    """Return one explained answer with everything that is measured of it, alike but never the same."""
    emotion, named = EMOTIONS[number % 7], EMOTIONS[(number + (number % 3 == 0)) % 7]
    levels = Levels(*(LEVELS[(number // step) % 3] for step in (1, 3, 9)))
    words = " ".join(WORDS[(number * step) % len(WORDS)] for step in range(1, 11))
    pace = "slow" if number % 2 else "fast"
    answer = f"The speaker spoke at a {pace} pace, with a {levels.pitch} pitch and a loud volume: "
    answer += f'"{words} {number}". Based on the speech characteristics, the emotion was inferred to be {named}.'
    votes = {emotion: 3, named: 2}
    base = Prediction(f"utt{number:05d}", "made", f"speaker{number % 100}", "en", 4.0, words, emotion, named, answer)
    return replace(base, levels=levels, votes=votes, tokens=60)


def scored(number: int) -> Prediction:
    """Return the same utterance answered by probabilities."""
    row = explicit(number)
    shares = {emotion: 0.05 + 0.65 * (emotion == row.predicted) for emotion in EMOTIONS}
    return replace(row, answer="", probabilities=shares, tokens=0)


def scoring_seconds(rows: list[Prediction]) -> tuple[float, Result]:
    """Return processor seconds of counting and computing everything, and the result."""
    scoring = Scoring(EMOTIONS)
    start = time.process_time()
    for place in range(0, len(rows), BATCH):
        scoring.update(rows[place : place + BATCH])
        scoring.efficiency.update(1.0, BATCH, 4.0 * BATCH, 60 * BATCH)
    scores, further = scoring.compute()
    return time.process_time() - start, Result("made", "made", True, "", scores, rows, {}, further)


def page_seconds(result: Result) -> float:
    """Return processor seconds of writing files and page."""
    with tempfile.TemporaryDirectory() as folder:
        start = time.process_time()
        result.write(Path(folder))
        write_report([result], Path(folder) / "report.html")
        return time.process_time() - start


def main() -> None:
    """Measure, print and write."""
    torch.set_num_threads(1)
    outcomes: dict[str, dict[str, float]] = {}
    makers: dict[str, Callable[[int], Prediction]] = {"explicit": explicit, "scored": scored}
    for name, make in makers.items():
        scoring_seconds([make(number) for number in range(BATCH)])
        metrics, result = scoring_seconds([make(number) for number in range(ANSWERS)])
        row = {"metrics_ms": 1e3 * metrics / ANSWERS, "page_ms": 1e3 * page_seconds(result) / ANSWERS}
        outcomes[name] = row | {"below_share_from_ms": (row["metrics_ms"] + row["page_ms"]) / SHARE}
        print(f"{name:<9}{row['metrics_ms']:.3f} ms an answer, files and page {row['page_ms']:.3f} ms")
        print(f"{'':<9}below {SHARE:.0%} of a run from {outcomes[name]['below_share_from_ms']:.0f} ms an answer")
    machine = Machine.present(torch.device("cpu"))
    print(f"{machine} -> {machine.write('metrics_cost', {'answers': ANSWERS, 'outcomes': outcomes})}")


if __name__ == "__main__":
    main()
