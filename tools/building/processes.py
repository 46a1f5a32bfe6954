"""Processes of this machine, by the standard library."""

import multiprocessing
import os
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager

import torch

from tools.building.engine import R, T, ThisProcess, in_order
from tools.building.work_folder import BuildError

JOBS_A_PROCESS = 4
"""Jobs under way for each process, so that none waits for work while the first of the row takes long."""


class Processes:
    """A pool of processes that lasts for all stages."""

    local = True

    def __init__(self, pool: ProcessPoolExecutor, workers: int) -> None:
        """Work with a pool of so many processes."""
        self._pool = pool
        self._workers = workers

    def map(self, work: Callable[[T], R], items: Iterable[T], *, gpu: bool = False) -> Iterator[R]:
        """Yield results in order; what needs the GPU is done in this process, to which the GPU belongs.

        Raises:
            BuildError: A process was killed.
        """
        if gpu:
            yield from ThisProcess().map(work, items)
            return
        try:
            yield from in_order(
                lambda item: self._pool.submit(work, item), _result, items, JOBS_A_PROCESS * self._workers
            )
        except BrokenProcessPool as error:
            raise BuildError(
                "a worker process was killed, most likely for want of memory; what is finished is kept: run again "
                f"with fewer --workers than {self._workers}"
            ) from error


def _result(job: Future[R]) -> R:
    return job.result()


@contextmanager
def processes(workers: int) -> Iterator[Processes]:
    """Start processes, and stop them in the end; jobs that have not begun are dropped."""
    # Spawned, not forked: torch's threads do not survive a fork.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_begin)
    try:
        yield Processes(pool, workers)
    finally:
        pool.shutdown(cancel_futures=True)


def _begin() -> None:
    torch.set_num_threads(1)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """End this process when its parent was killed; it would wait for work for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
