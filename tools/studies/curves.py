"""TensorBoard scalars of all runs in one picture: a line a variant, the range of its seeds around it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator


@dataclass(frozen=True, slots=True)
class Curve:
    """A scalar over optimizer steps."""

    steps: tuple[int, ...]
    values: tuple[float, ...]


def read_curve(folder: Path, scalar: str) -> Curve | None:
    """Read a scalar from all event files of a run, which an interrupted one has several of; ``None`` if not logged."""
    points: dict[int, float] = {}
    for events in sorted(folder.glob("events.out.tfevents.*")):
        log = EventAccumulator(str(events), size_guidance={"scalars": 0})
        log.Reload()
        if scalar in log.Tags()["scalars"]:
            points |= {event.step: event.value for event in log.Scalars(scalar)}
    if not points:
        return None
    steps = sorted(points)
    return Curve(tuple(steps), tuple(points[step] for step in steps))


def curve_figure(curves: dict[str, dict[str, list[Curve]]]) -> Figure:
    """Draw one panel a scalar; a variant has one colour in all of them, whether or not it logged each scalar.

    Args:
        curves: For each scalar, for each variant, the curves of its seeds.
    """
    names = list(dict.fromkeys(name for by_variant in curves.values() for name in by_variant))
    colours = {name: f"C{number}" for number, name in enumerate(names)}
    figure = Figure(figsize=(5.0 * max(1, len(curves)), 3.6), layout="constrained")
    panels = figure.subplots(1, max(1, len(curves)), squeeze=False)[0]
    for panel, (scalar, by_variant) in zip(panels, curves.items(), strict=False):
        for name, seeds in by_variant.items():
            _draw(panel, colours[name], seeds)
        panel.set(title=scalar, xlabel="optimizer step")
        panel.grid(alpha=0.3)
    lines = [Line2D([], [], color=colours[name], label=name) for name in names]
    figure.legend(handles=lines, loc="outside lower center", ncols=max(1, min(4, len(names))), frameon=False)
    return figure


def _draw(panel: Axes, colour: str, seeds: Sequence[Curve]) -> None:
    steps = sorted(set.intersection(*(set(curve.steps) for curve in seeds)))
    if not steps:
        return
    values = np.array([[dict(zip(one.steps, one.values, strict=True))[step] for step in steps] for one in seeds])
    panel.plot(steps, values.mean(axis=0), color=colour, linewidth=1.6)
    if len(seeds) > 1:
        panel.fill_between(steps, values.min(axis=0), values.max(axis=0), color=colour, alpha=0.15)
