"""Systems side by side: the rows of further scores, and each system against the first on common utterances."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from c2ser_lightning.metrics.paired import PairedComparison, PairedScores, columns
from c2ser_lightning.report.results import Result
from c2ser_lightning.report.scoring import FurtherScores
from c2ser_lightning.report.tables import figure


@dataclass(frozen=True, slots=True)
class Row:
    """One measure of every system; a system without it has a dash."""

    title: str
    cells: list[str]


def _interval(low: float, high: float) -> str:
    return f"{figure(low)} to {figure(high)}"


_MEASURES: Sequence[tuple[str, Callable[[FurtherScores], str | None]]] = (
    ("UA over speakers, 95 %", lambda of: _interval(*of.speakers.ci95["ua"]) if of.speakers else None),
    ("Macro-F1, any annotator", lambda of: figure(of.annotators.any_annotator.macro_f1) if of.annotators else None),
    ("Macro-F1, strict majority", lambda of: figure(of.annotators.strict_majority.macro_f1) if of.annotators else None),
    ("utterances of strict majority", lambda of: str(of.annotators.strict_majority.n) if of.annotators else None),
    ("votes for the reference", lambda of: figure(of.annotators.agreement) if of.annotators else None),
    ("Jensen-Shannon divergence", lambda of: figure(of.soft_labels.jensen_shannon) if of.soft_labels else None),
    ("Bhattacharyya coefficient", lambda of: figure(of.soft_labels.bhattacharyya) if of.soft_labels else None),
    ("Kullback-Leibler, nats", lambda of: figure(of.soft_labels.kullback_leibler) if of.soft_labels else None),
    ("entropy correlation", lambda of: figure(of.soft_labels.entropy_correlation) if of.soft_labels else None),
    ("expected calibration error", lambda of: figure(of.calibration.ece) if of.calibration else None),
    ("word errors of what was heard", lambda of: figure(of.hearing.wer) if of.hearing else None),
    ("character errors of what was heard", lambda of: figure(of.hearing.cer) if of.hearing else None),
    ("milliseconds an answer", lambda of: figure(1e3 * of.efficiency.seconds_per_answer, 1) if of.efficiency else None),
    ("median latency, ms", lambda of: figure(1e3 * of.efficiency.latency_median, 0) if of.efficiency else None),
    ("tokens an answer", lambda of: figure(of.efficiency.tokens_per_answer, 1) if of.efficiency else None),
)


def further_rows(results: Sequence[Result]) -> list[Row]:
    """Return the measures that at least one system has."""
    seen = [Row("Macro-F1, labels seen", [figure(result.scores.macro_f1_seen) for result in results])]
    for title, measure in _MEASURES:
        cells = [measure(result.further) for result in results]
        if any(cell is not None for cell in cells):
            seen.append(Row(title, [cell or "–" for cell in cells]))
    return seen


def compare(first: Result, second: Result) -> PairedScores:
    """Compare two systems on the utterances with a reference in the label set that both answered."""
    emotions = first.scores.emotions
    answers = {row.key: row for row in second.predictions}
    rows = [row for row in first.predictions if row.key in answers and row.emotion in emotions]
    metric = PairedComparison(len(emotions))
    if rows:
        metric.update(
            columns([row.predicted for row in rows], emotions),
            columns([answers[row.key].predicted for row in rows], emotions),
            columns([row.emotion for row in rows], emotions),
        )
    return metric.compute()
