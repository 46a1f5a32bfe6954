"""Time pitch on one core against penn's plain call, and say what the speed costs in accuracy.

python -m benchmarks.pitch --data <corpus with a manifest.csv> --data <another> --reference build/pitch_reference.jsonl
"""

import argparse
import os
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from tqdm import tqdm

from benchmarks.machine import Machine
from benchmarks.naive_pitch import naive_pitch, references
from c2ser_lightning.data.audio import SAMPLE_RATE, Waveform, load_audio
from tools.attributes.pitch import Pitch, PitchSettings, measure_pitch
from tools.corpora.base import ManifestRow
from tools.corpora.csv_manifest import read_csv_manifest
from tools.levels import Moments
from tools.make_demo_corpus import main as make_demo_corpus

CHUNK = 16
Clips = dict[str, Waveform]
Way = Callable[[Sequence[Waveform]], list[Pitch]]

WAYS: Mapping[str, PitchSettings] = {
    "penn, hop 10 ms": PitchSettings(hop_seconds=0.01),
    "penn, hop 20 ms (default)": PitchSettings(),
    "penn, hop 50 ms": PitchSettings(hop_seconds=0.05),
    "swift": PitchSettings("swift"),
}


@dataclass(frozen=True, slots=True)
class Speed:
    """Processor time of one way on one core: least and median of several runs over the timed clips."""

    way: str
    least_seconds: float
    median_seconds: float
    utterances_per_second: float
    times_real_time: float
    speed_up: float
    speed_up_of_medians: float


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


def read(folders: Sequence[Path], count: int) -> Clips:
    """Return so many clips of the corpora together, in an order drawn once and for all; keys begin with the corpus."""
    rows = [row for folder in folders for row in read_csv_manifest(folder) if isinstance(row, ManifestRow)]
    rows.sort(key=lambda row: row.audio)
    random.Random(0).shuffle(rows)
    chosen = tqdm(rows[:count], desc="reading", unit="utt")
    return {f"{row.corpus}/{row.key}": load_audio(row.audio, min_seconds=0) for row in chosen}


def ways() -> dict[str, Way]:
    """Return the plain way and the fast ones."""
    made: dict[str, Way] = {"penn's call, 10 ms, file by file": lambda clips: [naive_pitch(clip) for clip in clips]}
    return made | {name: _fast(settings) for name, settings in WAYS.items()}


def _fast(settings: PitchSettings) -> Way:
    def measure(clips: Sequence[Waveform]) -> list[Pitch]:
        chunks = [clips[start : start + CHUNK] for start in range(0, len(clips), CHUNK)]
        return [pitch for chunk in chunks for pitch in measure_pitch(chunk, settings)]

    return measure


def speeds(clips: Sequence[Waveform], repetitions: int) -> list[Speed]:
    """Time every way on one core, the ways in turn, in seconds of processor: waiting for other jobs does not count."""
    made = ways()
    times: dict[str, list[float]] = {name: [] for name in made}
    for way in made.values():
        way(clips[:1])
    for _ in tqdm(range(repetitions), desc="timing", unit="round"):
        for name, way in made.items():
            start = time.process_time()
            way(clips)
            times[name].append(time.process_time() - start)
    total = sum(map(len, clips)) / SAMPLE_RATE
    plain = next(iter(times.values()))
    return [
        Speed(
            name,
            min(runs),
            float(np.median(runs)),
            len(clips) / min(runs),
            total / min(runs),
            min(plain) / min(runs),
            float(np.median(plain) / np.median(runs)),
        )
        for name, runs in times.items()
    ]


def accuracy(name: str, measured: Mapping[str, Pitch], expected: Mapping[str, Pitch]) -> Accuracy:
    """Compare one way with the plain call."""
    both = [key for key in expected if expected[key].mean_hz and measured[key].mean_hz]
    ours, theirs = (np.array([made[key].mean_hz for key in both], float) for made in (measured, expected))
    errors = 100 * np.abs(ours / theirs - 1)
    spans = [np.array([made[key].range_semitones for key in both], float) for made in (measured, expected)]
    statistics = _statistics(expected)
    right = _levels(expected, statistics)
    return Accuracy(
        name,
        {str(percentile): float(np.percentile(errors, percentile)) for percentile in (50, 90, 95, 99)},
        float(np.mean(errors < 2)),
        float(np.mean(_levels(measured, _statistics(measured)) == right)),
        float(np.mean(_levels(measured, statistics) == right)),
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


def demo_corpus() -> Path:
    """Return the synthetic corpus, spoken now if it is not there."""
    folder = Path("build/demo_corpus")
    if not (folder / "manifest.csv").is_file():
        make_demo_corpus(["--out", str(folder)])
    return folder


def main(arguments: list[str] | None = None) -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pitch", description=__doc__)
    parser.add_argument("--data", type=Path, action="append", help="folder with a manifest.csv (default: demo corpus)")
    parser.add_argument("--timed", type=int, default=16, help="utterances that are timed")
    parser.add_argument("--checked", type=int, default=48, help="utterances whose accuracy is checked")
    parser.add_argument("--repetitions", type=int, default=3, help="timed rounds")
    parser.add_argument("--reference", type=Path, help="file that keeps the plain call's results, which take long")
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)
    clips = read(options.data or [demo_corpus()], max(options.timed, options.checked))
    timed = speeds(list(clips.values())[: options.timed], options.repetitions) if options.repetitions else []
    checked = dict(list(clips.items())[: options.checked])
    expected = references(checked, options.reference)
    fast = {name: _fast(settings) for name, settings in WAYS.items()}
    found = {name: dict(zip(checked, way(list(checked.values())), strict=True)) for name, way in fast.items()}
    accuracies = [accuracy(name, pitches, expected) for name, pitches in found.items()]
    _print(timed, accuracies)
    machine = Machine.present(torch.device("cpu"))
    content = {
        "corpora": sorted({key.partition("/")[0] for key in clips}),
        "load_of_the_machine": os.getloadavg()[0],
        "timed_utterances": options.timed,
        "timed_seconds": sum(map(len, list(clips.values())[: options.timed])) / SAMPLE_RATE,
        "checked_utterances": len(checked),
        "speed": [asdict(one) for one in timed],
        "accuracy": [asdict(one) for one in accuracies],
    }
    print(f"{machine} -> {machine.write('pitch', content)}")


def _print(timed: Sequence[Speed], accuracies: Sequence[Accuracy]) -> None:
    for speed in timed:
        print(
            f"{speed.way:<34}{speed.least_seconds:>8.2f} s{speed.utterances_per_second:>8.2f} utt/s"
            f"{speed.times_real_time:>8.1f} x real time"
            f"{speed.speed_up:>7.1f} x (medians {speed.speed_up_of_medians:.1f} x)"
        )
    for one in accuracies:
        print(
            f"{one.way:<34}error of the mean: median {one.error_percentiles['50']:.2f} %, 95th percentile "
            f"{one.error_percentiles['95']:.2f} %, within 2 %: {one.within_2_percent:.1%}; "
            f"same level: {one.levels_agree:.1%}; range: {one.range_error:.2f} semitones"
        )


if __name__ == "__main__":
    main()
