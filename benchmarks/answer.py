"""Time the ways to answer on a test set: writing the rationale, writing the direct answer, scoring the labels.

Every way is ``python -m c2ser_lightning test`` with a trained run's own configuration, in a process of its own, on the
same utterances in the same batches. Timed are the test steps, and answering alone: at demo size most of the time goes
into perception, which all ways share and which is 5 % of the arithmetic at the paper's size. On a CPU the seconds are
the processor's, of one thread.

    python -m benchmarks.answer --explicit runs/demo/stage1 --implicit runs/demo/stage2
"""

import argparse
import json
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import torch

from benchmarks.machine import Machine
from benchmarks.stopwatch import STOPWATCH_FILE

ANSWERING = "--model.init_args.answering."
SCORED = ["method=score"]
WAYS: dict[str, tuple[str, list[str]]] = {
    "write the rationale": ("explicit", ["method=generate"]),
    "write the answer": ("implicit", ["method=generate"]),
    "score": ("implicit", [*SCORED, "whole=false", "per_token=false"]),
    "score, per token": ("implicit", [*SCORED, "whole=false", "per_token=true"]),
    "score, prior": ("implicit", [*SCORED, "whole=false", "per_token=false", "prior=silence"]),
    "score whole": ("implicit", [*SCORED, "whole=true", "per_token=false"]),
    "score whole, per token": ("implicit", [*SCORED, "whole=true", "per_token=true"]),
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """One way's figures."""

    way: str
    utterances_per_second: float
    answers_per_second: float
    ua: float
    wa: float
    unparsed_rate: float
    utterances: int


def measure(way: str, runs: dict[str, Path], batch: list[str], extra: list[str]) -> Outcome:
    """Test a run in one way of answering."""
    stage, options = WAYS[way]
    run = runs[stage]
    with TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "c2ser_lightning", "test", "--config", str(run / "config.yaml")]
        command += [f"--ckpt_path={run / 'checkpoints' / 'last.ckpt'}", f"--run_dir={folder}"]
        command += ["--model.init_args.initialise_from=null", "--trainer.callbacks+=benchmarks.stopwatch.Stopwatch"]
        command += [f"{ANSWERING}{option}" for option in options] + batch + extra
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"error: {' '.join(command)}\n{done.stderr[-2000:]}")
        metrics = json.loads((Path(folder) / "metrics.json").read_text(encoding="utf-8"))
        time = json.loads((Path(folder) / STOPWATCH_FILE).read_text(encoding="utf-8"))
    count, seconds = time["utterances"], time["seconds"]
    rates = count / seconds, count / (seconds - time["perception"])
    return Outcome(way, *rates, metrics["ua"], metrics["wa"], metrics["unparsed_rate"], metrics["n"])


def main(arguments: list[str] | None = None) -> None:
    """Measure, print and write; what is not an option of this benchmark is handed to the tests."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.answer", description=__doc__)
    parser.add_argument("--explicit", type=Path, required=True, help="folder of a stage 1 run")
    parser.add_argument("--implicit", type=Path, required=True, help="folder of a stage 2 run")
    parser.add_argument("--utterances", type=int, default=32, help="utterances of a batch")
    parser.add_argument("--beside", default="nothing", help="what else ran on the machine, for the result file")
    parser.add_argument("--ways", nargs="+", choices=tuple(WAYS), default=list(WAYS))
    options, extra = parser.parse_known_args(arguments)
    runs = {"explicit": options.explicit, "implicit": options.implicit}
    limits = (f"max_utterances={options.utterances}", "max_seconds=1000")
    batch = [f"--data.init_args.batch.{limit}" for limit in limits]
    outcomes = [measure(way, runs, batch, extra) for way in options.ways]
    slowest = outcomes[0]
    titles = ("utt/s", "speed-up", "answers/s", "speed-up", "UA", "WA", "unparsed")
    print(f"{'way':<24}{''.join(f'{title:>10}' for title in titles)}")
    for one in outcomes:
        whole, alone = one.utterances_per_second, one.answers_per_second
        speed = f"{whole:>10.1f}{whole / slowest.utterances_per_second:>10.2f}"
        speed += f"{alone:>10.1f}{alone / slowest.answers_per_second:>10.2f}"
        print(f"{one.way:<24}{speed}{one.ua:>10.3f}{one.wa:>10.3f}{one.unparsed_rate:>10.3f}")
    settings = {name: str(value) for name, value in vars(options).items()}
    machine = Machine.present(torch.device("cuda" if torch.cuda.is_available() else "cpu"))
    content = {"settings": settings, "outcomes": [asdict(one) for one in outcomes]}
    print(f"{machine} -> {machine.write(f'answer_batch{options.utterances}', content)}")


if __name__ == "__main__":
    main()
