import pytest
import torch

from c2ser_lightning import cli
from c2ser_lightning.out_of_memory import ADVICE, is_out_of_memory, out_of_memory_message
from tests.conftest import ROOT


def too_much() -> None:
    """More bytes than an address space has: this fails on every machine."""
    torch.empty(1 << 50)


def test_a_real_allocation_that_fails_ends_in_advice(monkeypatch):
    monkeypatch.setattr(cli, "run", lambda arguments: too_much())
    with pytest.raises(SystemExit, match=r"error: out of memory: .*allocate[\s\S]*configs/backbone/nf4\.yaml"):
        cli.main([])


def test_other_errors_keep_their_traceback(monkeypatch):
    def fail(arguments):
        raise RuntimeError("shapes cannot be multiplied")

    monkeypatch.setattr(cli, "run", fail)
    with pytest.raises(RuntimeError, match="multiplied"):
        cli.main([])


def test_a_devices_error_and_a_wrapped_one_are_recognised():
    device = torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.\nmore")
    wrapped = RuntimeError("a worker failed")
    wrapped.__cause__ = device
    assert is_out_of_memory(device)
    assert is_out_of_memory(wrapped)
    assert not is_out_of_memory(ValueError("no"))
    assert (
        out_of_memory_message(device).splitlines()[0]
        == "out of memory: CUDA out of memory. Tried to allocate 2.00 GiB."
    )


def test_every_overlay_that_is_advised_exists():
    named = [word.strip(",;") for word in ADVICE.split() if word.startswith(("configs/", "docs/"))]
    assert len(named) >= 5
    assert all((ROOT / name).is_file() for name in named)
