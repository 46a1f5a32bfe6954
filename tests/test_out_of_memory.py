import pytest
import torch
import yaml

from c2ser_lightning import cli
from c2ser_lightning.out_of_memory import ADVICE, is_out_of_memory, out_of_memory_message
from tests.conftest import ROOT
from tests.tiny_runs import make_tiny


def test_a_model_that_does_not_fit_ends_in_advice(tmp_path, monkeypatch):
    """A layer of more bytes than an address space has: its allocation fails on every machine."""
    monkeypatch.setattr("sys.argv", ["c2ser_lightning"])
    monkeypatch.chdir(ROOT)
    tiny = make_tiny(tmp_path)
    sizes = {"source": None, "tokenizer": str(tiny / "lm"), "width": 32, "heads": 4, "layers": 1, "ffn": 10**14}
    overlay = tmp_path / "huge.yaml"
    overlay.write_text(yaml.safe_dump({"model": {"init_args": {"language_model": sizes}}}))
    configs = (ROOT / "configs" / "stage1.yaml", tiny / "tiny.yaml", overlay)
    files = [part for file in configs for part in ("--config", str(file))]
    with pytest.raises(SystemExit, match=r"error: out of memory: .*allocate[\s\S]*configs/backbone/nf4\.yaml"):
        cli.main(["fit", *files, f"--run_dir={tmp_path / 'run'}"])


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
