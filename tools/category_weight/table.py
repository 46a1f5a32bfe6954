"""The comparison as a table: every weight's probe and silhouette over seeds."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Outcome:
    """One run's figures on the test split."""

    weight: float
    seed: int
    wa: float
    ua: float
    macro_f1: float
    silhouette: float


def weight_table(outcomes: Sequence[Outcome]) -> str:
    """Return a Markdown table with mean, standard deviation over seeds, and every seed's UA."""
    lines = [
        "| category weight | UA, mean ± sd over seeds | UA of each seed | Macro-F1 | silhouette |",
        "|---|---|---|---|---|",
    ]
    for weight in sorted({one.weight for one in outcomes}):
        group = sorted((one for one in outcomes if one.weight == weight), key=lambda one: one.seed)
        name = f"{weight:g} (plain emotion2vec)" if weight == 0 else f"{weight:g}"
        seeds = ", ".join(f"{one.ua:.3f}" for one in group)
        columns = (_spread([getattr(one, field) for one in group]) for field in ("ua", "macro_f1", "silhouette"))
        ua, macro_f1, silhouette = columns
        lines.append(f"| {name} | {ua} | {seeds} | {macro_f1} | {silhouette} |")
    return "\n".join(lines)


def _spread(values: Sequence[float]) -> str:
    mean = statistics.fmean(values)
    return f"{mean:.3f}" if len(values) < 2 else f"{mean:.3f} ± {statistics.stdev(values):.3f}"
