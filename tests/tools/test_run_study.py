"""A whole study at the tiniest size through the real commands, and every shipped study as typed configuration."""

import json
import re

import pytest
import yaml

from c2ser_lightning.cli import C2SERCLI, run
from tests.conftest import ROOT
from tests.tiny_runs import make_tiny
from tools.run_study import main, parse
from tools.studies.runs import Run

STUDIES = sorted((ROOT / "configs" / "study").glob("*.yaml"))


@pytest.mark.parametrize("path", STUDIES, ids=lambda path: path.stem)
def test_shipped_studies_name_existing_configs_and_say_what_they_compare(path):
    study, _, _ = parse(["--config", str(path), "--out", "x"])
    configs = {config for variant in study.variants for stage in variant.stages for config in stage.configs}
    assert all((ROOT / config).is_file() for config in configs)
    assert len(study.seeds) >= 3
    assert len(study.variants) >= 2


@pytest.mark.slow
@pytest.mark.parametrize("path", STUDIES, ids=lambda path: path.stem)
def test_every_command_of_a_shipped_study_is_understood(path, monkeypatch):
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr("sys.argv", ["c2ser_lightning"])
    monkeypatch.setattr(C2SERCLI, "_run_subcommand", lambda cli, subcommand: None)
    study, out, _ = parse(["--config", str(path), "--out", "x"])
    variants = (None, *study.variants) if study.shared else study.variants
    steps = [step for variant in variants for step in Run(study, variant, 0, out).steps()]
    # Commands that differ in the places of files alone are parsed once.
    different = {tuple(re.sub(r"=\S*/\S*", "", word) for word in step.command): step for step in steps}
    for step in different.values():
        run([*step.command[2:], "--trainer.accelerator=cpu", "--trainer.devices=1"])


def test_a_typo_is_named(capsys):
    with pytest.raises(SystemExit):
        parse(["--config", str(STUDIES[0]), "--out", "x", "--study.seedz=[1]"])
    assert "seedz" in capsys.readouterr().err


@pytest.mark.slow
def test_two_variants_are_trained_compared_and_not_repeated(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(ROOT)
    tiny = make_tiny(tmp_path)
    stage = {"name": "stage2", "configs": ["configs/stage2.yaml", str(tiny / "tiny.yaml")]}
    options = ["--model.init_args.initialise_from=null"]
    scored = ["--model.init_args.answering.method=score"]
    content = {
        "title": "Answers written or scored",
        "seeds": [0],
        "options": options,
        "curves": ["train/loss"],
        "variants": [
            {"name": "written", "stages": [stage]},
            {"name": "scored", "stages": [stage], "test_options": scored},
        ],
    }
    config = tmp_path / "study.yaml"
    config.write_text(yaml.safe_dump({"study": content}))
    out = tmp_path / "out"
    main(["--config", str(config), "--out", str(out), "--jobs", "2"])
    table = capsys.readouterr().out
    assert "| scored |" in table
    assert "# Answers written or scored" in (out / "study.md").read_text()
    assert (out / "curves.png").stat().st_size > 5_000
    written, other = json.loads((out / "study.json").read_text())
    assert (written["variant"], written["n"], other["gain"] is not None) == ("written", 7, True)
    stamps = {path: path.stat().st_mtime_ns for path in out.rglob("*.ckpt")}
    main(["--config", str(config), "--out", str(out)])
    assert stamps == {path: path.stat().st_mtime_ns for path in out.rglob("*.ckpt")}
