"""One test a set: its command, whether it has to be run, and its result."""

from dataclasses import dataclass
from pathlib import Path

from c2ser_lightning.report.results import METRICS_FILE, Result
from tools.studies.runs import Step


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A checkpoint, or a system that brings its own weights, on one test set.

    Attributes:
        test_set: Name in ``configs/eval_<name>.yaml`` and of the shard folder.
        checkpoint: What is tested; ``None`` where an overlay names a system with weights of its own.
        shards: Folder that holds a folder of shards for each set.
        out: Folder of all results.
        overlays: Further config files.
        options: Further options of ``test``.
    """

    test_set: str
    checkpoint: Path | None
    shards: Path
    out: Path
    overlays: tuple[str, ...] = ()
    options: tuple[str, ...] = ()

    @property
    def data(self) -> Path:
        """The set's shards."""
        return self.shards / self.test_set

    @property
    def folder(self) -> Path:
        """Where its result lies."""
        return self.out / self.test_set

    @property
    def objection(self) -> str | None:
        """Why the set cannot be tested, and what to do; ``None`` if it can."""
        if list(self.data.glob("test-*.tar")):
            return None
        return f"no test shards in {self.data}; make shards CORPUS={self.test_set} DATA=<its folder>"

    def step(self) -> Step:
        """Return the command."""
        configs = [f"configs/eval_{self.test_set}.yaml", *self.overlays]
        files = [part for config in configs for part in ("--config", config)]
        places = [f"--data.init_args.shards={self.data}", f"--run_dir={self.folder}"]
        if self.checkpoint is not None:
            places.insert(0, f"--ckpt_path={self.checkpoint}")
        return Step(self.folder, ["-m", "c2ser_lightning", "test", *files, *places, *self.options])

    def done(self) -> bool:
        """Whether this very command was run on this very checkpoint and these very shards."""
        step = self.step()
        if not step.done(None) or not (self.folder / METRICS_FILE).is_file():
            return False
        tested = step.note.stat().st_mtime_ns
        weights = [self.checkpoint] if self.checkpoint is not None else []
        inputs = [*weights, *self.data.glob("test-*.tar"), *map(Path, self.overlays)]
        return all(path.stat().st_mtime_ns <= tested for path in inputs)

    def result(self) -> Result:
        """Read the finished test."""
        return Result.read(self.folder)
