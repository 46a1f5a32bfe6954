"""Fixtures that several test modules share."""

import os
import random
from pathlib import Path

import numpy as np
import pytest
import torch

import c2ser_lightning  # noqa: F401 - its torchaudio guard must stand before transformers is first imported
from tests.distributed import unused_port

os.environ["HF_HUB_OFFLINE"] = "1"
ROOT = Path(__file__).parent.parent


@pytest.fixture(autouse=True)
def _seeded():
    """Every test starts from the same random state, and computes on one thread beside its neighbours."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    np.random.seed(0)  # noqa: NPY002
    random.seed(0)


@pytest.fixture
def free_port() -> int:
    return unused_port()


@pytest.fixture(scope="session")
def stage2_run(tmp_path_factory) -> Path:
    """A tiny stage-2 run, trained once for all tests that only read it."""
    from tests.tiny_runs import cli, make_tiny

    folder = tmp_path_factory.mktemp("stage2")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", ["c2ser_lightning"])
        patch.chdir(ROOT)
        cli(
            "fit", ["stage2.yaml"], make_tiny(folder / "tiny"), folder / "run", "--model.init_args.initialise_from=null"
        )
    return folder / "run"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs a GPU where there is none; start with slow files, so that the longest one is not left over."""
    if not torch.cuda.is_available():
        for item in items:
            if item.get_closest_marker("gpu"):
                item.add_marker(pytest.mark.skip(reason="needs a CUDA device"))
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)
