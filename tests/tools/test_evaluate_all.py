"""Two of nine sets through the real commands, at the tiniest size."""

import json
import os
import shutil
import time

import pytest

from tests.conftest import ROOT
from tests.pages import Page
from tests.tiny_runs import cli, make_tiny
from tools.evaluate_all import main
from tools.evaluating.runs import Evaluation

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = make_tiny(tmp_path_factory.mktemp("tiny"))
    cli("fit", ["stage2.yaml"], folder, folder / "fit", "--model.init_args.initialise_from=null")
    for name in ("meld", "emo_emilia"):
        shutil.copytree(folder / "shards", folder / "sets" / name)
    return folder


def test_tests_what_is_there_names_what_is_not_and_repeats_nothing(trained, monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    last, out = trained / "fit" / "checkpoints" / "last.ckpt", trained / "out"
    arguments = ["--checkpoint", last, "--out", out, "--shards", trained / "sets", "--name", "tiny"]
    arguments += ["--overlay", trained / "tiny.yaml", "--option=--trainer.limit_test_batches=1"]
    arguments = [str(word) for word in arguments]
    main(arguments)
    table = capsys.readouterr().out
    assert "Not tested: casia, no test shards in" in table
    assert "make shards CORPUS=casia DATA=<its folder>" in table
    content = json.loads((out / "table.json").read_text())
    assert set(content["results"]) == {"meld", "emo_emilia"}
    assert content["results"]["meld"]["n"] == 7
    assert len(content["not_tested"]) == 7
    page = Page((out / "table.html").read_text())
    assert page.tags["table"] == 6
    assert "C2SER (Implicit CoT) (Table VI)" in page.text

    before = {path: path.stat().st_mtime_ns for path in out.glob("*/metrics.json")}
    main(arguments)
    assert before == {path: path.stat().st_mtime_ns for path in out.glob("*/metrics.json")}
    overlays, options = (str(trained / "tiny.yaml"),), ("--trainer.limit_test_batches=1",)
    meld = Evaluation("meld", last, trained / "sets", out, overlays, options)
    assert meld.done()
    os.utime(last, (time.time(), time.time()))
    assert not meld.done()


def test_a_missing_checkpoint_is_said(tmp_path):
    with pytest.raises(SystemExit, match="no such checkpoint"):
        main(["--checkpoint", str(tmp_path / "no.ckpt"), "--out", str(tmp_path)])
