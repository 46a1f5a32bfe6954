"""A real Ray cluster of two nodes on this machine, of which a worker process and a node are lost in mid-run."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.tools.building.corpus import bad, files, listed, manifest
from tools.building.engine import EngineSettings, open_engine
from tools.building.work_folder import BuildError
from tools.make_shards import main

ray = pytest.importorskip("ray")


@pytest.fixture
def cluster(monkeypatch):
    from ray.cluster_utils import Cluster

    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    monkeypatch.setenv("RAY_worker_niceness", "0")  # the default of 15 starves on a busy machine
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    made = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
    yield made
    made.shutdown()


def arguments(source: Path, out: Path) -> list[str]:
    given = ["--corpus", "csv", "--data", str(source), "--out", str(out), "--name", "toy"]
    return [*given, "--pitch-hop-ms", "20", "--shard-utterances", "20"]


@pytest.mark.slow
@pytest.mark.long
def test_a_cluster_that_loses_a_worker_and_a_node_makes_the_same_shards(cluster, tmp_path):
    corpus = tmp_path / "corpus"
    source = manifest(corpus, [*listed(corpus, 200, seconds=0.6), *bad(corpus)])
    main([*arguments(source, tmp_path / "here"), "--workers", "1"])

    node = cluster.add_node(num_cpus=1)
    lost: list[str] = []
    losses = threading.Thread(target=lose, args=(cluster, node, tmp_path / "there.work" / "measured", lost))
    losses.start()
    main([*arguments(source, tmp_path / "there"), "--engine", "ray", "--ray-address", cluster.address])
    losses.join()
    assert lost == ["a worker", "a node"]
    assert files(tmp_path / "there") == files(tmp_path / "here")


def lose(cluster, node, measured: Path, lost: list[str]) -> None:
    """Kill a worker process when the first unit is measured, and a node when the second is."""
    wait_for(measured, 1)
    os.kill(busy_worker(), signal.SIGKILL)
    lost.append("a worker")
    wait_for(measured, 2)
    cluster.remove_node(node, allow_graceful=False)
    lost.append("a node")


def wait_for(measured: Path, units: int) -> None:
    until = time.monotonic() + 900
    while not measured.is_dir() or len(list(measured.glob("*.jsonl"))) < units:
        assert time.monotonic() < until
        time.sleep(0.01)


def busy_worker() -> int:
    """Return the process of a worker that has a job; Ray names it after the job."""
    listed = subprocess.run(["ps", "-eo", "pid,args"], capture_output=True, text=True, check=True).stdout
    return next(int(line.split()[0]) for line in listed.splitlines() if "ray::_run" in line)


def test_a_cluster_that_is_not_there_is_said(monkeypatch, tmp_path):
    monkeypatch.setenv("RAY_TMPDIR", str(tmp_path))
    with (
        pytest.raises(BuildError, match=r"no Ray cluster at 'auto'.*start one with 'ray start --head'"),
        open_engine(EngineSettings("ray"), 10),
    ):
        pass


def test_ray_is_not_imported_unless_it_is_asked_for():
    code = "import sys, tools.make_shards; sys.exit('ray' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
