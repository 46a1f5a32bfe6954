"""Where a build keeps what is finished: ``shards/x.work`` beside ``shards/x``."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from c2ser_lightning.data.atomic_file import PARTIAL

WORK_SUFFIX = ".work"
_FOLDERS = ("rows", "measured", "records", "vectors", "spool", "shards")


class BuildError(RuntimeError):
    """A build cannot go on; the message says what to do."""


@dataclass(frozen=True, slots=True)
class UnitFiles:
    """A unit whose records are on disk; some 8 bytes an utterance.

    Attributes:
        rows: How many rows it has.
        sound: Key of its sound and of what was measured.
        records: Key of its records.
    """

    rows: int
    sound: str
    records: str


@dataclass(frozen=True, slots=True)
class WorkFolder:
    """Paths of everything between a corpus and its shards.

    Attributes:
        path: The folder.
    """

    path: Path

    def rows(self, number: int) -> Path:
        """Rows of a unit as the corpus lists them; written anew by each run."""
        return self.path / "rows" / f"{number:06d}.jsonl"

    def sound(self, key: str) -> Path:
        """FLAC of a unit's utterances, one behind the other."""
        return self.path / "measured" / f"{key}.flac"

    def measured(self, key: str) -> Path:
        """What was measured of each row of a unit; where it is there, the sound is there."""
        return self.path / "measured" / f"{key}.jsonl"

    def records(self, key: str) -> Path:
        """Records of a unit, without levels and texts."""
        return self.path / "records" / f"{key}.jsonl"

    def vectors(self, key: str) -> Path:
        """Emotion2Vec-S vectors of a unit's usable utterances."""
        return self.path / "vectors" / f"{key}.npy"

    def spool(self, shard: str) -> Path:
        """Finished records of a shard, in no order; written anew by each run."""
        return self.path / "spool" / f"{shard}.tsv"

    def note(self, shard: str) -> Path:
        """Of which content a shard in the final folder was made."""
        return self.path / "shards" / f"{shard}.json"

    @property
    def ledger(self) -> Path:
        """The ledger while a build goes on."""
        return self.path / "ledger.jsonl"

    def sweep(self) -> None:
        """Make the folders, and remove what a killed run was writing and what every run writes anew."""
        for name in _FOLDERS:
            (self.path / name).mkdir(exist_ok=True)
        for folder in ("rows", "spool"):
            _remove((self.path / folder).iterdir())
        _remove(self.path.glob(f"*/*{PARTIAL}"))

    def keep_only(self, folder: str, keys: set[str]) -> None:
        """Remove the files of a folder whose keys the corpus no longer has."""
        _remove(path for path in (self.path / folder).iterdir() if path.stem not in keys)


def _remove(paths: Iterator[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)


@contextmanager
def open_work_folder(out: Path) -> Iterator[WorkFolder]:
    """Open the work folder of a shard folder for one build at a time; the system unlocks it when the process ends.

    Raises:
        BuildError: Another build is working there.
    """
    resolved = out.resolve()
    work = WorkFolder(resolved.with_name(resolved.name + WORK_SUFFIX))
    work.path.mkdir(parents=True, exist_ok=True)
    with (work.path / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BuildError(f"another build is writing {out}; wait for it or stop it") from error
        work.sweep()
        yield work
