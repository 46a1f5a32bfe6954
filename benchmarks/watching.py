"""Memory of a process and all it started, and how much of the machine others had meanwhile (Linux)."""

import os
import resource
import time
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path

EVERY = 2.0
LONGEST_GAP = 5.0
"""Seconds between two looks; a longer gap means that this process was stopped, and most likely the watched with it."""


@dataclass(frozen=True, slots=True)
class Watched:
    """What was seen.

    Attributes:
        peak_megabytes_all: Most memory of the process and all it started; pages that several share count once.
        peak_megabytes_main: Most memory of the process itself.
        seconds: From start to end.
        processor_seconds: That they used.
        share_of_others: Share of all processors' time that went to other work.
        stopped_seconds: Time in which everything stood still.
    """

    peak_megabytes_all: float
    peak_megabytes_main: float
    seconds: float
    processor_seconds: float
    share_of_others: float
    stopped_seconds: float


def watch(child: BaseProcess, every: float = EVERY) -> Watched:
    """Start a process and watch it to its end.

    Args:
        child: Not yet started.
        every: Seconds between two looks; memory held for a shorter time can be missed.

    Raises:
        RuntimeError: It failed.
    """
    busy, own, start = _busy_seconds(), _used_by_children(), time.monotonic()
    child.start()
    all_of_them, main, stopped, last = 0, 0, 0.0, start
    while child.is_alive():
        tree = {pid: _memory(pid) for pid in _descendants(child.pid or 0)}
        all_of_them, main = max(all_of_them, sum(tree.values())), max(main, tree.get(child.pid or 0, 0))
        now = time.monotonic()
        stopped += now - last if now - last > LONGEST_GAP else 0.0
        last = now
        child.join(every)
    child.join()
    if child.exitcode:
        raise RuntimeError(f"the build ended with status {child.exitcode}")
    seconds, used = time.monotonic() - start, _used_by_children() - own
    others = max(_busy_seconds() - busy - used, 0.0) / (seconds * (os.cpu_count() or 1))
    return Watched(all_of_them / 1e6, main / 1e6, seconds, used, others, stopped)


def _used_by_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _busy_seconds() -> float:
    """Return the seconds that all processors worked since the start of the machine, and those that its host took."""
    user, nice, system, _, _, irq, soft, steal, *_ = Path("/proc/stat").read_text().split()[1:11]
    return sum(map(int, (user, nice, system, irq, soft, steal))) / os.sysconf("SC_CLK_TCK")


def _descendants(pid: int) -> set[int]:
    """Return a process and all it started, by the parents that the system lists."""
    parents = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(path.parent.name)] = int(path.read_text().rpartition(")")[2].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue
    family = {pid}
    while new := {one for one, parent in parents.items() if parent in family} - family:
        family |= new
    return family


def _memory(pid: int) -> int:
    """Return the bytes of a process, its share of what it has in common with others."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), 0)
