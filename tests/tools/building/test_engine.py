"""Engines: results in order, few under way, and no process left behind."""

import os
import signal
import subprocess
import sys
import time

import pytest

from tests.conftest import ROOT
from tools.building.engine import EngineSettings, ThisProcess, in_order, open_engine
from tools.building.processes import Processes, processes
from tools.building.work_folder import BuildError


def double(number):
    return 2 * number


def die(number):
    os.kill(os.getpid(), signal.SIGKILL)


def test_results_come_in_order_and_few_are_under_way():
    started = []

    def start(item):
        started.append(item)
        return item

    results = in_order(start, double, iter(range(10)), 3)
    assert next(results) == 0
    assert started == [0, 1, 2]
    assert list(results) == [2, 4, 6, 8, 10, 12, 14, 16, 18]


def test_few_rows_need_no_processes():
    with open_engine(EngineSettings(workers=2), rows=10) as engine:
        assert isinstance(engine, ThisProcess)
        assert list(engine.map(double, range(3))) == [0, 2, 4]
    with open_engine(EngineSettings(workers=1), rows=1000) as engine:
        assert isinstance(engine, ThisProcess)
    with open_engine(EngineSettings(workers=2), rows=1000) as engine:
        assert isinstance(engine, Processes)


def test_a_killed_process_is_said_and_not_waited_for():
    with processes(1) as engine:
        assert list(engine.map(double, range(3))) == [0, 2, 4]
        with pytest.raises(BuildError, match=r"a worker process was killed.* with fewer --workers than 1"):
            list(engine.map(die, range(3)))


PARENT = """
import os, sys, time
from tools.building.processes import processes
from tests.tools.building.test_engine import busy
if __name__ == "__main__":
    with processes(2) as engine:
        for pid in engine.map(busy, range(100)):
            print(pid, flush=True)
"""


def busy(number):
    time.sleep(0.1)
    return os.getpid()


def test_processes_end_when_the_build_is_killed(tmp_path):
    script = tmp_path / "parent.py"
    script.write_text(PARENT)
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen([sys.executable, script], env=environment, stdout=subprocess.PIPE, text=True) as parent:
        worker = int(parent.stdout.readline())
        parent.kill()
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and is_running(worker):
        time.sleep(0.05)
    assert not is_running(worker)


def is_running(pid):
    """Whether a process is there and no zombie that nobody in a container collects."""
    try:
        with open(f"/proc/{pid}/stat") as file:  # noqa: PTH123
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_cluster_that_is_not_there_is_said(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with (
        pytest.raises(BuildError, match=r"--engine ray needs Ray: pip install 'c2ser_lightning\[cluster\]'"),
        open_engine(EngineSettings("ray"), 10),
    ):
        pass
