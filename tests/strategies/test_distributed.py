"""Two real gloo processes against one: the same losses, the same weights, checkpoints that fit everywhere."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from tests.conftest import ROOT
from tests.distributed import unused_port
from tests.strategies.jobs import fit, prepare

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """One process goes two steps where two go one, then two processes run all their jobs."""
    made = tmp_path_factory.mktemp("strategies")
    prepare(made)
    fit(made, "single", devices=1, accumulate_grad_batches=2)
    launch = ["-m", "torch.distributed.run", "--nproc_per_node=2", f"--master_port={unused_port()}"]
    done = subprocess.run(
        [sys.executable, *launch, "-m", "tests.strategies.jobs", str(made)],
        cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-8000:]
    return made


def curve(folder: Path, name: str) -> list[float]:
    """Losses of all batches in the order of the plan: rank by rank within a step."""
    ranks = [json.loads(path.read_text()) for path in sorted(folder.glob(f"{name}-rank*.json"))]
    return [loss for step in zip(*ranks, strict=True) for loss in step]


def weights(folder: Path, name: str, epoch: int = 1) -> dict[str, torch.Tensor]:
    checkpoint = torch.load(folder / name / f"epoch={epoch}.ckpt", weights_only=True)
    return checkpoint["state_dict"]


def assert_close(found: dict[str, torch.Tensor], expected: dict[str, torch.Tensor]) -> None:
    assert found.keys() == expected.keys()
    for name, weight in expected.items():
        torch.testing.assert_close(found[name], weight, atol=2e-4, rtol=1e-3, msg=name)


@pytest.mark.parametrize("name", ["ddp", "fsdp2"])
def test_two_processes_follow_the_curve_of_one(folder, name):
    expected = curve(folder, "single")
    assert len(expected) >= 10
    assert expected[-1] < expected[0]
    assert curve(folder, name) == pytest.approx(expected, abs=1e-3)
    assert_close(weights(folder, name), weights(folder, "single"))


def test_a_sharded_checkpoint_is_one_file_of_trained_weights(folder):
    assert (folder / "fsdp2" / "epoch=1.ckpt").is_file()
    names = weights(folder, "fsdp2")
    assert [name for name in names if "lora_A" in name]
    assert not [name for name in names if "base_layer" in name or ".acoustic." in name or "embed_tokens" in name]


def test_a_sharded_run_goes_on_in_one_process(folder):
    fit(folder, "single_resumed", folder / "fsdp2" / "epoch=0.ckpt", devices=1, accumulate_grad_batches=2)
    whole, resumed = curve(folder, "single"), curve(folder, "single_resumed")
    assert resumed == pytest.approx(whole[len(whole) // 2 :], abs=1e-3)
    assert_close(weights(folder, "single_resumed"), weights(folder, "single"))


def test_a_run_of_one_process_goes_on_sharded(folder):
    whole = curve(folder, "single")
    assert curve(folder, "fsdp2_resumed") == pytest.approx(whole[len(whole) // 2 :], abs=1e-3)
    assert_close(weights(folder, "fsdp2_resumed"), weights(folder, "single"))


def test_uneven_and_empty_shards_with_more_workers_than_shards_neither_hang_nor_repeat(folder):
    """Five utterances of three shards, one of them empty: three batches over two ranks that share the weights."""
    lines = (folder / "fsdp2" / "predictions.jsonl").read_text().splitlines()
    assert sorted(json.loads(line)["key"] for line in lines) == ["utt000", "utt001", "utt002", "utt003", "utt020"]
