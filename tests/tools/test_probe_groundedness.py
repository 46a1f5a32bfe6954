"""Mistakes on the command line; probes of a trained system run in tests/test_end_to_end.py."""

import pytest

from tests.conftest import ROOT
from tools.probe_groundedness import main

CPU = ["--trainer.accelerator=cpu", "--trainer.precision=32-true"]


@pytest.mark.parametrize(
    ("config", "complaint"), [("stage1.yaml", "which weights"), ("probe.yaml", "EmotionProbe gives no explanations")]
)
def test_what_cannot_be_probed_is_said(config, complaint, monkeypatch, tmp_path):
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr("sys.argv", ["probe_groundedness"])
    with pytest.raises(SystemExit, match=complaint):
        main(["--config", str(ROOT / "configs" / config), f"--run_dir={tmp_path}", *CPU])
