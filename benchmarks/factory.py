"""Time every stage of tools.make_shards on a corpus of short utterances, and watch its memory.

python -m benchmarks.factory --data build/demo_corpus
"""

import argparse
import multiprocessing
import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection
from pathlib import Path

import torch

from benchmarks.augmented_corpus import AugmentedCorpus
from benchmarks.machine import Machine
from benchmarks.watching import Watched, watch
from tools.building.progress import Stage

PAPER_UTTERANCES, PAPER_HOURS = 672_668, 1215.0
"""Training data of the paper's Table II."""

PER_SECOND_OF_SPEECH = ("measure", "pack")
"""Stages whose time grows with the length of speech; that of the others grows with the number of utterances."""

QUIET_SHARE = 0.05
"""Of the processors' time; a run that shared more with others, or was stopped, was disturbed."""


@dataclass(frozen=True, slots=True)
class Speed:
    """One stage of a build.

    Attributes:
        stage: Its name.
        utterances: How many it did.
        seconds: How long it took.
        utterances_per_second: Of that time.
        times_real_time: Seconds of speech per second of that time.
        main_processor_seconds: What the main process computed: with one process all, with more what cannot be shared.
    """

    stage: str
    utterances: int
    seconds: float
    utterances_per_second: float
    times_real_time: float
    main_processor_seconds: float

    def line(self) -> str:
        """Return the stage for people."""
        rates = f"{self.utterances_per_second:>9.1f} utt/s{self.times_real_time:>9.1f} x real time"
        computed = f"{self.main_processor_seconds:>8.2f} s of processor in the main process"
        return f"  {self.stage:<9}{self.seconds:>8.1f} s{rates}{computed}"


@dataclass(frozen=True, slots=True)
class Run:
    """One build from nothing.

    Attributes:
        utterances: Size of the corpus.
        seconds_of_speech: Length of it.
        processes: That worked.
        stages: What each took.
        watched: Memory, and what else ran on the machine.
        disturbed: Whether other work took part of the processors, or stopped the build.
    """

    utterances: int
    seconds_of_speech: float
    processes: int
    stages: list[Speed]
    watched: Watched
    disturbed: bool

    def speed(self, stage: str) -> Speed:
        """Return one stage."""
        return next(one for one in self.stages if one.stage == stage)

    @property
    def seconds(self) -> float:
        """Time of all stages."""
        return sum(stage.seconds for stage in self.stages)

    def lines(self) -> list[str]:
        """Return the run for people."""
        seen = self.watched
        head = (
            f"{self.utterances} utterances, {self.seconds_of_speech:.0f} s of speech, {self.processes} processes: "
            f"{self.seconds:.1f} s; peak {seen.peak_megabytes_all:.0f} MB in all, {seen.peak_megabytes_main:.0f} MB in "
            f"the main process; others had {seen.share_of_others:.0%} of the processors"
            + (f", stopped for {seen.stopped_seconds:.0f} s" if seen.stopped_seconds else "")
        )
        return [head, *(stage.line() for stage in self.stages)]


def run(corpus: AugmentedCorpus, processes: int, pitch: str) -> Run:
    """Build shards of a corpus from nothing, in a process of its own."""
    with tempfile.TemporaryDirectory(dir=corpus.folder.parent) as folder:
        arguments = ["--corpus", "csv", "--data", str(corpus.folder), "--out", f"{folder}/shards"]
        arguments += ["--workers", str(processes), "--device", "cpu", "--shard-megabytes", "50", "--pitch", pitch]
        receiver, sender = multiprocessing.Pipe(duplex=False)
        child = multiprocessing.get_context("spawn").Process(target=_build, args=(arguments, sender))
        watched = watch(child)
        stages: list[Stage] = receiver.recv()
    speeds = [_speed(stage, corpus.seconds) for stage in stages]
    disturbed = watched.share_of_others > QUIET_SHARE or watched.stopped_seconds > 0
    return Run(corpus.utterances, corpus.seconds, processes, speeds, watched, disturbed)


def _build(arguments: list[str], sender: Connection) -> None:
    from tools.building.options import parse
    from tools.building.pipeline import build

    sender.send(build(parse("benchmark", None, arguments)))


def _speed(stage: Stage, speech: float) -> Speed:
    rates = (stage.done / stage.seconds, speech / stage.seconds)
    return Speed(stage.name, stage.done, stage.seconds, *rates, stage.processor_seconds)


def projection(run: Run) -> dict[str, float]:
    """Return the hours that each stage would take for the paper's training data on this machine."""
    return _hours(run, {stage.stage: stage.seconds for stage in run.stages})


def core_hours(alone: Run) -> dict[str, float]:
    """Return the hours of one core that each stage would need for it; other work on the machine hardly matters."""
    return _hours(alone, {stage.stage: stage.main_processor_seconds for stage in alone.stages})


def _hours(run: Run, seconds: Mapping[str, float]) -> dict[str, float]:
    by_length, by_number = PAPER_HOURS * 3600 / run.seconds_of_speech, PAPER_UTTERANCES / run.utterances
    factors = {name: by_length if name in PER_SECOND_OF_SPEECH else by_number for name in seconds}
    hours = {name: value * factors[name] / 3600 for name, value in seconds.items()}
    return {name: round(value, 3) for name, value in hours.items()} | {"all": round(sum(hours.values()), 2)}


def bound(alone: Run, shared: Run) -> float:
    """Return how many times as fast two processes could be (Amdahl): what the main process computes is not shared."""
    work = sum(stage.main_processor_seconds for stage in alone.stages)
    serial = sum(stage.main_processor_seconds for stage in shared.stages)
    return work / (serial + (work - serial) / 2)


def scaling(one: Run, two: Run) -> dict[str, float]:
    """Return how many times as fast a second process makes each stage, and all of them."""
    stages = {stage.stage: stage.seconds / two.speed(stage.stage).seconds for stage in one.stages}
    return stages | {"all": one.seconds / two.seconds}


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.factory", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with a manifest.csv, to be augmented")
    parser.add_argument("--utterances", type=int, default=20_000, help="size of the large corpus")
    parser.add_argument("--few", type=int, default=2_000, help="size of the small corpus")
    parser.add_argument("--seconds", type=float, default=0.6, help="mean length of an utterance")
    parser.add_argument("--pitch", default="penn", help="tracker")
    parser.add_argument("--beside", default="", help="what else runs on this machine, for the file")
    options = parser.parse_args(arguments)
    load = os.getloadavg()
    Path("build").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir="build", prefix="factory_") as folder:
        few = AugmentedCorpus.make(options.data, Path(folder) / "few", options.few, options.seconds)
        many = AugmentedCorpus.make(options.data, Path(folder) / "many", options.utterances, options.seconds)
        runs = {
            "few, 1 process": run(few, 1, options.pitch),
            "few, 2 processes": run(few, 2, options.pitch),
            "many, 2 processes": run(many, 2, options.pitch),
        }
    for name, made in runs.items():
        print("\n".join([name, *made.lines()]))
    one, two, large = runs.values()
    growth = {
        "utterances": [two.utterances, large.utterances],
        "peak_megabytes_main": [two.watched.peak_megabytes_main, large.watched.peak_megabytes_main],
        "peak_megabytes_all": [two.watched.peak_megabytes_all, large.watched.peak_megabytes_all],
    }
    content = {
        "command": f"python -m benchmarks.factory --utterances {options.utterances} --few {options.few} "
        f"--seconds {options.seconds} --pitch {options.pitch}",
        "load_of_the_machine_before": load,
        "beside": options.beside,
        "disturbed": any(made.disturbed for made in runs.values()),
        "speed_up_by_a_second_process": scaling(one, two),
        "most_that_a_second_process_can_give": bound(one, two),
        "memory": growth,
        "hours_for_672668_utterances": projection(large),
        "core_hours_for_672668_utterances": core_hours(one),
        "runs": {name: asdict(made) for name, made in runs.items()},
    }
    for name in ("speed_up_by_a_second_process", "most_that_a_second_process_can_give", "memory"):
        print(f"{name}: {content[name]}")
    print(f"hours: {projection(large)}\ncore hours: {core_hours(one)}")
    machine = Machine.present(torch.device("cpu"))
    print(f"{machine} -> {machine.write('factory', content)}")


if __name__ == "__main__":
    main()
