"""Time pitch on one core against penn's plain call, file by file and every 10 ms.

python -m benchmarks.pitch --data <corpus with a manifest.csv> --data <another>
"""

import argparse
import os
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from tqdm import tqdm

from benchmarks.machine import Machine
from benchmarks.naive_pitch import naive_pitch
from benchmarks.pitch_ways import Way, fast_ways, read
from c2ser_lightning.data.audio import SAMPLE_RATE, Waveform


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


def speeds(clips: Sequence[Waveform], repetitions: int) -> list[Speed]:
    """Time every way on one core, the ways in turn, in seconds of processor: waiting for other jobs does not count."""
    made: dict[str, Way] = {"penn's call, file by file": lambda clips: [naive_pitch(clip) for clip in clips]}
    made |= fast_ways()
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


def main(arguments: list[str] | None = None) -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pitch", description=__doc__)
    parser.add_argument("--data", type=Path, action="append", help="folder with a manifest.csv (default: demo corpus)")
    parser.add_argument("--utterances", type=int, default=16, help="clips that are timed")
    parser.add_argument("--repetitions", type=int, default=3, help="timed rounds")
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)
    clips = read(options.data or [], options.utterances)
    load = os.getloadavg()[0]
    outcomes = speeds(list(clips.values()), options.repetitions)
    for one in outcomes:
        print(
            f"{one.way:<34}{one.least_seconds:>8.2f} s{one.utterances_per_second:>8.2f} utt/s"
            f"{one.times_real_time:>8.1f} x real time{one.speed_up:>7.1f} x (medians {one.speed_up_of_medians:.1f} x)"
        )
    machine = Machine.present(torch.device("cpu"))
    content = {
        "corpora": sorted({key.partition("/")[0] for key in clips}),
        "utterances": len(clips),
        "seconds_of_speech": sum(map(len, clips.values())) / SAMPLE_RATE,
        "repetitions": options.repetitions,
        "load_of_the_machine_before": load,
        "outcomes": [asdict(one) for one in outcomes],
    }
    print(f"{machine} -> {machine.write('pitch', content)}")


if __name__ == "__main__":
    main()
