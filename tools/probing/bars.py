"""Recall of each label as bars, one colour an upstream."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from tools.probing.outcomes import Row
from tools.probing.utterances import Corpus

COLOURS = ("#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd", "#8c564b", "#e377c2", "#7f7f7f", "#bcbd22", "#17becf")


def recall_figure(corpus: Corpus, rows: Sequence[Row]) -> Figure:
    """Draw the mean recall over folds; whiskers are one standard deviation over folds, the dashed line is chance."""
    labels = corpus.labels
    figure = Figure(figsize=(max(6.5, 1.0 + 0.32 * len(labels) * (len(rows) + 1)), 4.2), layout="constrained")
    axes = figure.subplots()
    width = 0.8 / len(rows)
    for number, row in enumerate(rows):
        means, deviations = np.asarray([row.recall[label] for label in labels]).T
        places = np.arange(len(labels)) + (number - (len(rows) - 1) / 2) * width
        whiskers = np.stack([np.minimum(deviations, means), np.minimum(deviations, 1.0 - means)])
        shown = whiskers if len(row.folds) > 1 else None
        colour = COLOURS[number % len(COLOURS)]
        axes.bar(places, means, width * 0.95, color=colour, label=row.upstream, yerr=shown, ecolor="#555555", capsize=2)
    axes.axhline(1.0 / len(labels), color="black", linestyle="--", linewidth=0.8, label="chance")
    slanted = len(labels) > 7
    axes.set_xticks(range(len(labels)), labels, rotation=30 if slanted else 0, ha="right" if slanted else "center")
    axes.set_ylim(0.0, 1.0)
    axes.set_ylabel("recall")
    count = len(rows[0].folds)
    axes.set_title(f"{corpus.name}: recall of each label" + (f", mean over {count} folds" if count > 1 else ""))
    axes.spines[["top", "right"]].set_visible(False)
    figure.legend(loc="outside lower center", ncols=min(4, len(rows) + 1), frameon=False)
    return figure
