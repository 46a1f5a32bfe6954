"""Many machines, by Ray: scheduling, lost workers and lost nodes are its business."""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

from tools.building.engine import R, T, in_order, one_thread
from tools.building.work_folder import BuildError

TRIES_AFTER_A_LOSS = 5
"""How often a job is started again when its process or machine was lost."""

JOBS_A_CPU = 2


class RayCluster:
    """Jobs of one CPU each. All machines see the same files under the same paths."""

    local = False

    def __init__(self, ray: ModuleType) -> None:
        """Work with a cluster that is connected."""
        self._ray = ray
        self._task = ray.remote(_run)

    def map(self, work: Callable[[T], R], items: Iterable[T], *, gpu: bool = False) -> Iterator[R]:
        """Yield results in order.

        Raises:
            BuildError: A job's machine was lost again and again.
        """
        ray = self._ray
        task = self._task.options(num_cpus=1, num_gpus=int(gpu), max_retries=TRIES_AFTER_A_LOSS)
        ahead = JOBS_A_CPU * max(int(ray.cluster_resources().get("CPU", 1)), 1)
        try:
            yield from in_order(lambda item: task.remote(work, item, str(Path.cwd())), ray.get, items, ahead)
        except (
            ray.exceptions.WorkerCrashedError,
            ray.exceptions.NodeDiedError,
            ray.exceptions.OutOfMemoryError,
        ) as error:
            reason = str(error).strip().splitlines()[0]
            raise BuildError(f"the cluster lost a job {TRIES_AFTER_A_LOSS + 1} times ({reason}); run again") from error


def _run(work: Callable[[T], R], item: T, folder: str) -> R:
    """Do a job where relative paths mean what they mean to the one who asked."""
    os.chdir(folder)
    with one_thread():
        return work(item)


@contextmanager
def cluster(address: str) -> Iterator[RayCluster]:
    """Connect to a running cluster.

    Raises:
        BuildError: Ray is not installed, or there is no cluster.
    """
    ray = _import_ray()
    try:
        ray.init(address=address, log_to_driver=False, namespace="c2ser_lightning")
    except (ConnectionError, ValueError, RuntimeError) as error:
        reason = str(error).strip().splitlines()[0]
        raise BuildError(f"no Ray cluster at {address!r} ({reason}); start one with 'ray start --head'") from error
    try:
        yield RayCluster(ray)
    finally:
        ray.shutdown()


def _import_ray() -> ModuleType:
    try:
        import ray
    except ModuleNotFoundError as error:
        raise BuildError("--engine ray needs Ray: pip install 'c2ser_lightning[cluster]'") from error
    return ray
