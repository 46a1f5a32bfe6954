"""The whole job at demo size: speech to shards, three trainings, two tests and one report.

Every step is a command that can be run by hand; each is printed before it runs, and timed. The configs are the
paper-size ones under small overlays, so the code that runs is the code of the 7B stage.
"""

import argparse
import json
import os
import shlex
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import yaml

PYTHON = sys.executable
ALLOCATOR = {"MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": str(2**34), "MALLOC_TOP_PAD_": str(2**26)}
"""glibc: keep freed memory instead of giving it back to the kernel at every step; a quarter less time on two cores."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a demo run works on."""

    corpus: str
    data: Path | None
    whisper: Path | None
    name: str
    repeat: int = 1

    @property
    def shards(self) -> Path:
        """Folder of the built shards."""
        return Path("shards") / self.name

    @property
    def backbones(self) -> Path:
        """Folder of the small backbones."""
        return Path("backbones") / self.name

    @property
    def runs(self) -> Path:
        """Folder of logs, checkpoints and reports."""
        return Path("runs") / self.name


@dataclass(slots=True)
class Step:
    """One command and what it is for."""

    title: str
    command: list[str]
    seconds: float = field(default=0.0)


def steps(plan: Plan) -> list[Step]:
    """Return the commands of a demo run, in order."""
    return [*_data_steps(plan), *_emotion2vec_steps(plan), *_c2ser_steps(plan), _report_step(plan)]


def _data_steps(plan: Plan) -> list[Step]:
    made: list[Step] = []
    source = plan.data
    if source is None:
        source = Path("build") / "demo_corpus"
        made.append(Step("demo corpus", _tool("make_demo_corpus", "--out", source)))
    shards = _tool("make_shards", "--corpus", plan.corpus, "--data", source, "--out", plan.shards)
    backbones = _tool("make_tiny_backbones", "--shards", plan.shards, "--out", plan.backbones)
    return [*made, Step("shards", shards), Step("small backbones", backbones)]


def _emotion2vec_steps(plan: Plan) -> list[Step]:
    configs = ["configs/emotion2vec_s.yaml", "configs/demo/emotion2vec_s.yaml"]
    pretrain = _fit(plan, "emotion2vec_s", configs)
    made = [Step("Emotion2Vec-S pretraining", pretrain)]
    for name, checkpoint in (("pretrained", _checkpoint(plan, "emotion2vec_s")), ("random", "null")):
        run = f"probe_{name}"
        configs = ["configs/probe.yaml", "configs/demo/probe.yaml"]
        encoder = f"--model.init_args.encoder={{checkpoint: {checkpoint}}}"
        made.append(Step(f"linear probe, {name} encoder", _fit(plan, run, configs, encoder)))
        made.append(Step(f"test of the {name} probe", _test(plan, run, configs, encoder)))
    return made


def _c2ser_steps(plan: Plan) -> list[Step]:
    made: list[Step] = []
    for stage, earlier in (("stage1", None), ("stage2", "stage1")):
        configs = [f"configs/{stage}.yaml", "configs/backbone/tiny.yaml", f"configs/demo/{stage}.yaml"]
        configs += ["configs/demo/pretrained_whisper.yaml"] if plan.whisper else []
        options = _backbone_options(plan)
        start = [f"--model.init_args.initialise_from={_checkpoint(plan, earlier)}"] if earlier else []
        made.append(Step(f"C2SER {stage}", _fit(plan, stage, configs, *options, *start)))
        done = ["--model.init_args.initialise_from=null"] if earlier else []
        made.append(Step(f"test of {stage}", _test(plan, stage, configs, *options, *done)))
    return made


def _backbone_options(plan: Plan) -> list[str]:
    options = [
        f"--model.init_args.acoustic.encoder.checkpoint={_checkpoint(plan, 'emotion2vec_s')}",
        f"--model.init_args.language_model.source={plan.backbones / 'language_model'}",
    ]
    return [*options, f"--model.init_args.whisper.source={plan.whisper or plan.backbones / 'whisper'}"]


def _report_step(plan: Plan) -> Step:
    systems = [f"explicit={plan.runs / 'stage1'}", f"implicit={plan.runs / 'stage2'}"]
    return Step("report", _tool("report", *systems, "--out", plan.runs / "report.html"))


def _tool(verb: str, *arguments: object) -> list[str]:
    return [PYTHON, "-m", f"tools.{verb}", *map(str, arguments)]


def _fit(plan: Plan, run: str, configs: list[str], *options: str) -> list[str]:
    return [*_lightning(plan, "fit", run, configs), *_longer(plan, configs), *options]


def _longer(plan: Plan, configs: list[str]) -> list[str]:
    """Return the options that train for more epochs than the configs say, and validate as often as they do."""
    if plan.repeat == 1:
        return []
    settings: dict[str, object] = {}
    for config in configs:
        settings |= yaml.safe_load(Path(config).read_text(encoding="utf-8")).get("trainer", {})
    counts = {name: settings.get(name) for name in ("max_epochs", "check_val_every_n_epoch")}
    return [f"--trainer.{name}={count * plan.repeat}" for name, count in counts.items() if isinstance(count, int)]


def _test(plan: Plan, run: str, configs: list[str], *options: str) -> list[str]:
    return [*_lightning(plan, "test", run, configs), *options, f"--ckpt_path={_checkpoint(plan, run)}"]


def _lightning(plan: Plan, verb: str, run: str, configs: list[str]) -> list[str]:
    files = [part for config in configs for part in ("--config", config)]
    places = [
        f"--data.init_args.shards={plan.shards}",
        f"--run_dir={plan.runs / run}",
    ]
    return [PYTHON, "-m", "c2ser_lightning", verb, *files, *places]


def _checkpoint(plan: Plan, run: str) -> Path:
    return plan.runs / run / "checkpoints" / "last.ckpt"


def run(step: Step, number: int, count: int) -> None:
    """Print a step's command, run it and time it; a failing step ends the demo with its status."""
    print(f"\n[{number}/{count}] {step.title}\n$ {shlex.join(['python', *step.command[1:]])}", flush=True)
    start = time.monotonic()
    status = subprocess.run(step.command, check=False, env=ALLOCATOR | os.environ).returncode
    step.seconds = time.monotonic() - start
    if status:
        sys.exit(f"error: step {step.title!r} failed with status {status}; its message stands above")


def summary(plan: Plan, done: list[Step]) -> str:
    """Return the closing table: recognition of each system with its interval and the chance level, and the timings."""
    lines = ["", f"{'system':<28}{'WA':>7}{'UA':>7}{'F1':>7}   UA 95 % interval   unparsed", "-" * 76]
    rows = (("linear probe, random", "probe_random"), ("linear probe, pretrained", "probe_pretrained"))
    chance = 0.0
    for title, folder in (*rows, ("C2SER explicit (stage 1)", "stage1"), ("C2SER implicit (stage 2)", "stage2")):
        scores = json.loads((plan.runs / folder / "metrics.json").read_text(encoding="utf-8"))
        low, high = scores["ci95"]["ua"]
        chance = scores["chance_ua"]
        lines.append(
            f"{title:<28}{scores['wa']:>7.3f}{scores['ua']:>7.3f}{scores['macro_f1']:>7.3f}"
            f"   [{low:.3f}, {high:.3f}]   {scores['unparsed_rate']:>9.3f}"
        )
    lines.append(f"chance level of UA: {chance:.3f}; speakers of the test split were never heard in training")
    timings = ", ".join(f"{step.title} {step.seconds:.0f} s" for step in done)
    lines += ["", f"total {sum(step.seconds for step in done) / 60:.1f} min: {timings}"]
    lines.append(f"report: {plan.runs / 'report.html'}    TensorBoard: tensorboard --logdir {plan.runs}")
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> None:
    """Run the demo."""
    parser = argparse.ArgumentParser(prog="python -m tools.demo", description=__doc__)
    parser.add_argument("--corpus", default="demo", help="demo (default), or a name in docs/corpora.md")
    parser.add_argument("--data", type=Path, help="folder or manifest of a real corpus")
    parser.add_argument("--whisper", type=Path, help="folder of a pretrained Whisper, used frozen")
    parser.add_argument("--name", help="name of the shards and runs (default: the corpus)")
    parser.add_argument("--repeat", type=int, default=1, help="train N times as many epochs, for corpora of minutes")
    options = parser.parse_args(arguments)
    if options.repeat < 1:
        parser.error(f"--repeat {options.repeat} is below one")
    if options.corpus != "demo" and options.data is None:
        parser.error(f"--corpus {options.corpus} needs --data <folder or manifest.csv>")
    plan = Plan(options.corpus, options.data, options.whisper, options.name or options.corpus, options.repeat)
    todo = steps(plan)
    for number, step in enumerate(todo, start=1):
        run(step, number, len(todo))
    print(summary(plan, todo))


if __name__ == "__main__":
    main()
