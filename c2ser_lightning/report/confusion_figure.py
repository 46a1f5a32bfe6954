"""The confusion matrix as a matplotlib figure, for TensorBoard."""

import numpy as np
from matplotlib.figure import Figure

from c2ser_lightning.metrics.recognition import RecognitionScores


def confusion_figure(scores: RecognitionScores) -> Figure:
    """Draw counts, shaded by the share of each reference emotion; the last column is unparsed."""
    counts = np.asarray(scores.confusion)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    figure = Figure(figsize=(7, 6), layout="constrained")
    axes = figure.subplots()
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    axes.set_xticks(range(counts.shape[1]), [*scores.emotions, "unparsed"], rotation=40, ha="right")
    axes.set_yticks(range(counts.shape[0]), scores.emotions)
    axes.set_xlabel("answered")
    axes.set_ylabel("reference")
    for (row, column), count in np.ndenumerate(counts):
        shade = "white" if shares[row, column] > 0.5 else "black"
        axes.text(column, row, str(count), ha="center", va="center", color=shade, fontsize=8)
    return figure
