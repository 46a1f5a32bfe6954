"""Several runs at a time, with a bar over them."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import Protocol

from tqdm import tqdm


class RunError(RuntimeError):
    """A command of a run failed; the message names its log."""


class Runnable(Protocol):
    """A run that knows whether it is done."""

    @property
    def done(self) -> bool:
        """Whether nothing is left to run."""

    def execute(self, threads: int) -> None:
        """Run what is not done on so many threads."""


def execute(runs: Sequence[Runnable], jobs: int, what: str) -> None:
    """Run everything that is not done, ``jobs`` at a time, sharing the cores.

    Raises:
        RunError: A run failed; those that have not begun are left out.
    """
    threads = max(1, (os.cpu_count() or 1) // jobs)
    todo = [run for run in runs if not run.done]
    with ThreadPoolExecutor(jobs) as pool, tqdm(total=len(todo), desc=what, unit="run") as bar:
        started = [pool.submit(run.execute, threads) for run in todo]
        try:
            for finished in as_completed(started):
                finished.result()
                bar.update()
        except RunError:
            pool.shutdown(cancel_futures=True)
            raise
