"""The commands of one variant under one seed, and which of them are done already."""

import functools
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from c2ser_lightning.report.results import Result
from tools.studies.settings import SHARED, StageSettings, StudySettings, VariantSettings
from tools.studies.side_by_side import RunError

COMMAND_FILE = "command.json"


@dataclass(frozen=True, slots=True)
class Step:
    """One command and the folder it fills.

    Attributes:
        folder: Where its command is noted once it has succeeded.
        command: What follows ``python``.
        resume: Checkpoint of an interrupted earlier try, from which ``fit`` goes on.
    """

    folder: Path
    command: list[str]
    resume: Path | None = None

    @property
    def note(self) -> Path:
        """The file that says which command succeeded here."""
        return self.folder / f"{self.command[2]}-{COMMAND_FILE}"

    def done(self, after: "Step | None") -> bool:
        """Whether this very command succeeded here, and not before the step that it builds on."""
        if not self.note.is_file() or json.loads(self.note.read_text(encoding="utf-8")) != self.command:
            return False
        return after is None or after.note.stat().st_mtime_ns <= self.note.stat().st_mtime_ns

    def run(self, log: Path, threads: int) -> None:
        """Run the command with its output in a log, and note it.

        Raises:
            RunError: It failed.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        began = self.folder / f"{self.command[2]}-began.json"
        same = began.is_file() and json.loads(began.read_text(encoding="utf-8")) == self.command
        goes_on = [f"--ckpt_path={self.resume}"] if same and self.resume and self.resume.is_file() else []
        _note(began, self.command)
        environment = {**os.environ, "OMP_NUM_THREADS": str(threads)}
        with log.open("a", encoding="utf-8") as output:
            output.write(f"$ {shlex.join(['python', *self.command, *goes_on])}\n")
            output.flush()
            command = [sys.executable, *self.command, *goes_on]
            done = subprocess.run(command, env=environment, stdout=output, stderr=subprocess.STDOUT, check=False)
        if done.returncode:
            raise RunError(f"{shlex.join(['python', *self.command])} failed; its messages are in {log}")
        _note(self.note, self.command)


@dataclass(frozen=True, slots=True)
class Run:
    """One variant under one seed, or the stages that all variants share under it."""

    study: StudySettings
    variant: VariantSettings | None
    seed: int
    out: Path

    @property
    def folder(self) -> Path:
        """Where its checkpoints, logs and figures lie."""
        return self.out / _file_name(self.variant.name if self.variant else SHARED) / f"seed_{self.seed}"

    @property
    def stages(self) -> list[StageSettings]:
        """What is trained."""
        return self.variant.stages if self.variant else self.study.shared

    @property
    def tested(self) -> Path:
        """Folder of the stage that is tested; its ``metrics.json`` is the run's result."""
        return self.folder / self.stages[-1].name

    def result(self) -> Result:
        """Read the finished test."""
        return Result.read(self.tested)

    def steps(self) -> Iterator[Step]:
        """Yield the commands in order: a ``fit`` for each stage, and the ``test`` of the last."""
        for stage in self.stages:
            start = [f"--model.init_args.initialise_from={self._start(stage)}"] if stage.start else []
            yield Step(self.folder / stage.name, [*self._lightning("fit", stage), *start], self._checkpoint(stage.name))
        if self.variant is None:
            return
        last = self.stages[-1]
        started = ["--model.init_args.initialise_from=null"] if last.start else []
        tested = [*self._lightning("test", last), *started, *self._filled(self.variant.test_options)]
        yield Step(self.folder / last.name, [*tested, f"--ckpt_path={self._checkpoint(last.name)}"])

    def execute(self, threads: int) -> None:
        """Run what is not done, with all output in ``log.txt``.

        Raises:
            RunError: A command failed.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        before = self._before()
        for step in self.steps():
            if not step.done(before):
                step.run(self.folder / "log.txt", threads)
            before = step

    @property
    def done(self) -> bool:
        """Whether nothing is left to run."""
        steps = list(self.steps())
        return all(step.done(before) for before, step in zip([self._before(), *steps], steps, strict=False))

    def _before(self) -> Step | None:
        """Return the last of the shared steps, on which a variant's first step builds."""
        if self.variant is None or not self.study.shared:
            return None
        return list(replace(self, variant=None).steps())[-1]

    def _lightning(self, verb: str, stage: StageSettings) -> list[str]:
        files = [part for config in stage.configs for part in ("--config", config)]
        options = self._filled([*self.study.options, *stage.options])
        seeds = [f"--seed_everything={self.seed}", f"--data.init_args.loader.seed={self.seed}"]
        return ["-m", "c2ser_lightning", verb, *files, *seeds, *options, f"--run_dir={self.folder / stage.name}"]

    def _start(self, stage: StageSettings) -> str:
        assert stage.start is not None
        if stage.start in (one.name for one in self.stages):
            return str(self._checkpoint(stage.start))
        return self._filled([stage.start])[0]

    def _filled(self, options: list[str]) -> list[str]:
        """Put seed and folders into options; other braces are YAML and stay."""
        places = {"{seed}": str(self.seed), "{folder}": str(self.folder)}
        places["{shared}"] = str(replace(self, variant=None).folder)
        return [functools.reduce(lambda text, place: text.replace(*place), places.items(), one) for one in options]

    def _checkpoint(self, stage: str) -> Path:
        return self.folder / stage / "checkpoints" / "last.ckpt"


def _note(path: Path, command: list[str]) -> None:
    temporary = path.with_suffix(".tmp")
    temporary.write_text(json.dumps(command), encoding="utf-8")
    temporary.replace(path)


def _file_name(name: str) -> str:
    return "".join(letter if letter.isalnum() else "_" for letter in name)
