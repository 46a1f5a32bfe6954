"""What a CPU cannot tell: DeepSpeed, and FSDP2 with nccl, against the plain run on the same device."""

import json

import pytest
import yaml

from tests.conftest import ROOT
from tests.strategies.jobs import fit, prepare

pytestmark = [pytest.mark.gpu, pytest.mark.slow]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("cuda")
    prepare(made)
    fit(made, "single", accelerator="cuda", devices=1)
    return made


@pytest.mark.parametrize("overlay", ["deepspeed_zero2", "deepspeed_zero3"])
def test_deepspeed_follows_the_curve_of_the_plain_run(folder, overlay):
    pytest.importorskip("deepspeed")
    from lightning.pytorch.strategies import DeepSpeedStrategy

    text = (ROOT / "configs" / "strategy" / f"{overlay}.yaml").read_text()
    settings = yaml.safe_load(text)["trainer"]["strategy"]["init_args"]
    fit(folder, overlay, accelerator="cuda", devices=1, strategy=DeepSpeedStrategy(**settings))
    expected, found = (json.loads((folder / f"{name}-rank0.json").read_text()) for name in ("single", overlay))
    assert found == pytest.approx(expected, abs=1e-2)


def test_sharded_weights_on_one_gpu_follow_the_curve_of_the_plain_run(folder):
    from c2ser_lightning.strategies import TrainedShards

    fit(folder, "fsdp2", accelerator="cuda", devices=1, strategy=TrainedShards("nccl"))
    expected, found = (json.loads((folder / f"{name}-rank0.json").read_text()) for name in ("single", "fsdp2"))
    assert found == pytest.approx(expected, abs=1e-3)
