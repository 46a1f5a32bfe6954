"""Bars of what a step benchmark measured."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

PANELS = {"utterances_per_second": "utterances / s", "share_of_peak": "useful share of peak", "peak_memory_gb": "GB"}


def draw(outcomes: Sequence[Mapping[str, Any]], title: str, path: Path) -> None:
    """Draw speed, share of peak and memory of every variant, one colour a stage."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 3.4), layout="constrained")
    variants = list(dict.fromkeys(one["variant"] for one in outcomes))
    stages = list(dict.fromkeys(one["stage"] for one in outcomes))
    height = 0.8 / len(stages)
    for axes, (key, label) in zip(figure.subplots(1, len(PANELS), sharey=True), PANELS.items(), strict=True):
        for number, stage in enumerate(stages):
            own = [one for one in outcomes if one["stage"] == stage]
            places = [variants.index(one["variant"]) + number * height for one in own]
            bars = axes.barh(places, [one[key] for one in own], height, label=stage)
            axes.bar_label(bars, fmt="%.2f", padding=2, fontsize=8)
        axes.set_yticks([place + height * (len(stages) - 1) / 2 for place in range(len(variants))], variants)
        axes.set_xlabel(label)
        axes.margins(x=0.2)
        axes.spines[["top", "right"]].set_visible(False)
    axes.invert_yaxis()
    axes.legend(frameon=False, fontsize=8)
    figure.suptitle(title, fontsize=9)
    figure.savefig(path, dpi=110)
