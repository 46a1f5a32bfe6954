"""Real builds, killed with SIGKILL at random points and started again: the folder is the one of a quiet build."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.tools.building.corpus import bad, files, listed, manifest
from tools.make_shards import main

COUNT = 160


def arguments(source: Path, out: Path) -> list[str]:
    given = ["--corpus", "csv", "--data", str(source), "--out", str(out), "--name", "toy"]
    return [*given, "--pitch-hop-ms", "100", "--shard-utterances", "8", "--workers"]


STAGES = [
    ("x.work/rows/*.jsonl", 0.004),
    ("x.work/measured/*.jsonl", 0.1),
    ("x.work/measured/*.flac.*", 0.1),
    ("x.work/records/*.jsonl", 0.02),
    ("x.work/spool/*", 0.002),
    ("x/*.tar.*", 0.005),
    ("x/*.tar", 0.02),
    ("x/*.index.jsonl", 0.02),
]
"""What can be seen of a build from outside, stage by stage, and up to how many seconds later it is killed."""


def kill_when(folder: Path, command: list[str], pattern: str, delay: float) -> bool:
    """Run a build until it made such a file, and kill it a moment later; False when it ended before."""
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    start = time.time_ns()
    with subprocess.Popen(command, cwd=ROOT, env=environment, **quiet) as process:
        while process.poll() is None and not any(changed(path) > start for path in folder.glob(pattern)):
            time.sleep(0.0005)
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
    return process.returncode == -signal.SIGKILL


def changed(path: Path) -> int:
    """Return when a file was written, or 0 if it is gone meanwhile."""
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:
        return 0


@pytest.mark.slow
@pytest.mark.parametrize("kills", [3, pytest.param(10, marks=pytest.mark.long)])
def test_killed_and_resumed_the_shards_are_the_same_byte_for_byte(kills, tmp_path):
    corpus = tmp_path / "corpus"
    source = manifest(corpus, [*listed(corpus, COUNT), *bad(corpus)])
    main([*arguments(source, tmp_path / "quiet"), "1"])
    expected = files(tmp_path / "quiet")
    assert len([name for name in expected if name.endswith(".tar")]) >= 8

    numbers, folder = random.Random(7), tmp_path / "killed"
    command = [sys.executable, "-m", "tools.make_shards", *arguments(source, folder / "x"), "1"]
    points = numbers.sample(STAGES, k=kills) if kills < len(STAGES) else [*STAGES, *STAGES[: kills - len(STAGES)]]
    for pattern, longest in sorted(points, key=STAGES.index):
        assert kill_when(folder, command, pattern, numbers.uniform(0, longest)), f"it ended before {pattern} was there"
        assert not (folder / "x" / "info.json").exists()
    main([*arguments(source, folder / "x"), "1"])
    assert files(folder / "x") == expected
