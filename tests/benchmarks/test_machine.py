"""Figures of different machines do not overwrite each other."""

import json
import subprocess
import sys

import numpy as np
import pytest
import torch

from benchmarks import machine
from benchmarks.machine import Machine, forget_peak, peak_memory


@pytest.mark.parametrize(
    ("device", "name"),
    [
        ("Intel(R) Xeon(R) Processor", "step-intel_xeon_processor-2026-01-02.json"),
        ("NVIDIA H200", "step-nvidia_h200-2026-01-02.json"),
    ],
)
def test_a_result_file_names_benchmark_machine_and_date(device, name, tmp_path, monkeypatch):
    monkeypatch.setattr(machine, "RESULTS", tmp_path)
    present = Machine("2026-01-02", device, 2, "2.13.0")
    assert present.write("step", {"outcomes": [1]}) == name
    content = json.loads((tmp_path / name).read_text())
    assert content["outcomes"] == [1]
    assert content["machine"]["device"] == device


def test_peak_memory_of_a_new_process_is_its_own():
    held = np.ones(40_000_000)  # 0.32 GB that the parent has had
    code = "import torch; from benchmarks.machine import peak_memory as p; print(p(torch.device('cpu')))"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    here = peak_memory(torch.device("cpu"))
    assert float(shown) < here - 0.9 * held.nbytes / 1e9


@pytest.mark.skipif(not machine.STATUS.exists(), reason="only Linux can forget a peak")
def test_a_forgotten_peak_counts_from_now_on():
    held = np.ones(40_000_000)
    before = peak_memory(torch.device("cpu"))
    size = held.nbytes / 1e9
    del held
    forget_peak(torch.device("cpu"))
    assert peak_memory(torch.device("cpu")) < before - 0.9 * size
