"""The commands of one comparison: a pretraining, a probe and its test for every weight and seed."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from c2ser_lightning.report.results import Result
from tools.studies.side_by_side import RunError

METRICS_FILE = "metrics.json"


@dataclass(frozen=True, slots=True)
class Plan:
    """What is compared, on which shards, and with which further config files.

    Attributes:
        shards: Shard folder.
        out: Folder of all runs.
        pretraining: Config files of the pretraining, in order.
        probe: Config files of the probe, in order.
    """

    shards: Path
    out: Path
    pretraining: tuple[str, ...]
    probe: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Run:
    """One weight of the category loss under one seed."""

    plan: Plan
    weight: float
    seed: int

    @property
    def folder(self) -> Path:
        """Where its checkpoints, logs and figures lie."""
        return self.plan.out / f"weight_{self.weight:g}" / f"seed_{self.seed}"

    @property
    def encoder(self) -> Path:
        """Checkpoint of the pretrained encoder."""
        return self.folder / "emotion2vec_s" / "checkpoints" / "last.ckpt"

    @property
    def done(self) -> bool:
        """Whether the probe has been tested."""
        return (self.folder / "probe" / METRICS_FILE).is_file()

    def result(self) -> Result:
        """Read the tested probe's figures."""
        return Result.read(self.folder / "probe", f"weight {self.weight:g}, seed {self.seed}")

    def commands(self) -> list[list[str]]:
        """Return the three commands; what differs between runs is the weight and the seed alone."""
        pretrain = [
            *self._lightning("fit", "emotion2vec_s", self.plan.pretraining),
            f"--model.init_args.objective.category={self.weight:g}",
            f"--model.init_args.seed={self.seed}",
        ]
        encoder = f"--model.init_args.encoder={{checkpoint: {self.encoder}}}"
        probe_checkpoint = self.folder / "probe" / "checkpoints" / "last.ckpt"
        fit = [*self._lightning("fit", "probe", self.plan.probe), encoder]
        test = [*self._lightning("test", "probe", self.plan.probe), encoder, f"--ckpt_path={probe_checkpoint}"]
        return [pretrain, fit, test]

    def _lightning(self, verb: str, name: str, configs: tuple[str, ...]) -> list[str]:
        files = [part for config in configs for part in ("--config", config)]
        return [
            *(sys.executable, "-m", "c2ser_lightning", verb, *files),
            f"--seed_everything={self.seed}",
            f"--data.init_args.loader.seed={self.seed}",
            f"--data.init_args.shards={self.plan.shards}",
            f"--run_dir={self.folder / name}",
        ]

    def execute(self, threads: int) -> None:
        """Run the commands one after the other, with their output in ``log.txt``.

        Raises:
            RunError: A command failed.
        """
        if self.done:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        log = self.folder / "log.txt"
        environment = {**os.environ, "OMP_NUM_THREADS": str(threads)}
        with log.open("w", encoding="utf-8") as output:
            for command in self.commands():
                done = subprocess.run(command, env=environment, stdout=output, stderr=subprocess.STDOUT, check=False)
                if done.returncode:
                    raise RunError(f"weight {self.weight:g}, seed {self.seed} failed; its messages are in {log}")
