"""What the fast ways to measure pitch cost in accuracy, against penn's plain call.

python -m benchmarks.pitch_accuracy --data <corpus with a manifest.csv> --reference build/pitch_reference.jsonl
"""

import argparse
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from tqdm import tqdm

from benchmarks.machine import Machine
from benchmarks.naive_pitch import references
from benchmarks.pitch_ways import CHUNK, WAYS, Clips, Way, fast_ways, read
from tools.attributes.pitch import Pitch
from tools.levels import Moments


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Distance of one way from the plain call, over utterances that the plain call finds voiced.

    Attributes:
        way: Name.
        error_percentiles: Of the relative error of the mean, in percent, by percentile.
        within_2_percent: Share of utterances whose mean is that near.
        levels_agree: Share of utterances with the same level, each way by its own statistics per corpus.
        levels_agree_at_given_statistics: The same, by the plain call's statistics.
        corpus_mean_error: Relative error of the mean over all utterances, in percent.
        range_error: Median of the absolute error of the range, in semitones.
    """

    way: str
    error_percentiles: dict[str, float]
    within_2_percent: float
    levels_agree: float
    levels_agree_at_given_statistics: float
    corpus_mean_error: float
    range_error: float


def measured(name: str, way: Way, clips: Clips) -> dict[str, Pitch]:
    """Return the pitch of every clip by one way."""
    keys = list(clips)
    chunks = tqdm([keys[start : start + CHUNK] for start in range(0, len(keys), CHUNK)], desc=name, unit="chunk")
    return {key: pitch for part in chunks for key, pitch in zip(part, way([clips[key] for key in part]), strict=True)}


def accuracy(name: str, found: Mapping[str, Pitch], expected: Mapping[str, Pitch]) -> Accuracy:
    """Compare one way with the plain call."""
    both = [key for key in expected if expected[key].mean_hz and found[key].mean_hz]
    ours, theirs = (np.array([made[key].mean_hz for key in both], float) for made in (found, expected))
    errors = 100 * np.abs(ours / theirs - 1)
    spans = [np.array([made[key].range_semitones for key in both], float) for made in (found, expected)]
    statistics = _statistics(expected)
    right = _levels(expected, statistics)
    return Accuracy(
        name,
        {str(percentile): float(np.percentile(errors, percentile)) for percentile in (50, 90, 95, 99)},
        float(np.mean(errors < 2)),
        float(np.mean(_levels(found, _statistics(found)) == right)),
        float(np.mean(_levels(found, statistics) == right)),
        float(100 * (ours.mean() / theirs.mean() - 1)),
        float(np.median(np.abs(spans[0] - spans[1]))),
    )


def _statistics(pitches: Mapping[str, Pitch]) -> dict[str, Moments]:
    moments: dict[str, Moments] = {}
    for key, pitch in pitches.items():
        if pitch.mean_hz is not None:
            corpus = key.partition("/")[0]
            moments[corpus] = moments.get(corpus, Moments()).add(pitch.mean_hz)
    return moments


def _levels(pitches: Mapping[str, Pitch], statistics: Mapping[str, Moments]) -> NDArray[np.str_]:
    return np.array([str(statistics[key.partition("/")[0]].level(pitch.mean_hz)) for key, pitch in pitches.items()])


def main(arguments: list[str] | None = None) -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pitch_accuracy", description=__doc__)
    parser.add_argument("--data", type=Path, action="append", help="folder with a manifest.csv (default: demo corpus)")
    parser.add_argument("--utterances", type=int, default=48, help="clips that are compared")
    parser.add_argument("--ways", nargs="+", choices=list(WAYS), default=list(WAYS), help="which (default: all)")
    parser.add_argument("--reference", type=Path, help="file that keeps the plain call's results, which take long")
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)
    clips = read(options.data or [], options.utterances)
    expected = references(clips, options.reference)
    ways = fast_ways()
    outcomes = [accuracy(name, measured(name, ways[name], clips), expected) for name in options.ways]
    for one in outcomes:
        print(
            f"{one.way:<28}error of the mean: median {one.error_percentiles['50']:.2f} %, 95th percentile "
            f"{one.error_percentiles['95']:.2f} %, within 2 %: {one.within_2_percent:.1%}; "
            f"same level: {one.levels_agree:.1%}; range: {one.range_error:.2f} semitones"
        )
    machine = Machine.present(torch.device("cpu"))
    content = {
        "corpora": sorted({key.partition("/")[0] for key in clips}),
        "utterances": len(clips),
        "outcomes": [asdict(one) for one in outcomes],
    }
    print(f"{machine} -> {machine.write('pitch_accuracy', content)}")


if __name__ == "__main__":
    main()
