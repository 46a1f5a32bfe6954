"""Figures of different machines do not overwrite each other."""

import json

import pytest

from benchmarks import machine
from benchmarks.machine import Machine


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
