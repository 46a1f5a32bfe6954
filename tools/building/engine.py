"""What every stage asks of whoever does its work: this process, processes of this machine, or a cluster."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal, Protocol, TypeVar

import torch

T = TypeVar("T")
R = TypeVar("R")
J = TypeVar("J")

EngineName = Literal["processes", "ray"]

FEWEST_ROWS_FOR_PROCESSES = 64
"""Below this the start of further processes costs more than it saves."""


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """Who does the work.

    Attributes:
        name: ``processes`` of this machine, or a ``ray`` cluster.
        workers: Processes.
        ray_address: Of a running cluster; ``auto`` finds the one that this machine belongs to.
    """

    name: EngineName = "processes"
    workers: int = 1
    ray_address: str = "auto"


class Engine(Protocol):
    """Runs functions over many inputs.

    Attributes:
        local: Whether the work is done on this machine, so that this process can use its GPU for all.
    """

    local: bool

    def map(self, work: Callable[[T], R], items: Iterable[T], *, gpu: bool = False) -> Iterator[R]:
        """Yield results in the order of the items; few jobs are under way at a time.

        Args:
            work: A function that can be pickled. It may be run twice for an item, so it must not mind.
            items: Its inputs.
            gpu: Whether each job needs a GPU.
        """
        ...


class ThisProcess:
    """Does everything here, one item after the other."""

    local = True

    def map(self, work: Callable[[T], R], items: Iterable[T], *, gpu: bool = False) -> Iterator[R]:
        """Yield results in order."""
        with one_thread():
            for item in items:
                yield work(item)


@contextmanager
def one_thread() -> Iterator[None]:
    """Sum in the same order as a worker process does, so that one process and many give the same bytes."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def in_order(start: Callable[[T], J], wait: Callable[[J], R], items: Iterable[T], ahead: int) -> Iterator[R]:
    """Yield results in order with so many jobs under way: finished ones must not pile up before a slow reader.

    Args:
        start: Starts the job of an item.
        wait: Waits for a job's result.
        items: What is to be done.
        ahead: Jobs under way.
    """
    waiting: deque[J] = deque()
    for item in items:
        waiting.append(start(item))
        if len(waiting) >= ahead:
            yield wait(waiting.popleft())
    while waiting:
        yield wait(waiting.popleft())


@contextmanager
def open_engine(settings: EngineSettings, rows: int) -> Iterator[Engine]:
    """Start whoever works, for a corpus of so many rows, and stop it in the end.

    Raises:
        BuildError: The cluster cannot be reached, or Ray is not installed.
    """
    if settings.name == "ray":
        from tools.building.cluster import cluster

        with cluster(settings.ray_address) as engine:
            yield engine
    elif settings.workers > 1 and rows >= FEWEST_ROWS_FOR_PROCESSES:
        from tools.building.processes import processes

        with processes(settings.workers) as engine:
            yield engine
    else:
        yield ThisProcess()
