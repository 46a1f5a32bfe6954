"""The demo's plan: the right commands, in order, with nothing left out when corpora or backbones change."""

import json
from pathlib import Path

import pytest
import yaml

from tests.results import result
from tools.demo import Plan, Step, main, run, steps, summary


def titles(plan: Plan) -> list[str]:
    return [step.title for step in steps(plan)]


def test_the_demo_goes_from_speech_to_a_report():
    made = titles(Plan("demo", None, None, "demo"))
    assert made[:4] == ["demo corpus", "shards", "small backbones", "Emotion2Vec-S pretraining"]
    assert made[-5:] == ["C2SER stage1", "test of stage1", "C2SER stage2", "test of stage2", "report"]


def test_a_real_corpus_is_read_not_made():
    plan = Plan("ravdess", Path("data"), Path("whisper"), "ravdess")
    made = {step.title: " ".join(step.command) for step in steps(plan)}
    assert "demo corpus" not in made
    assert "--corpus ravdess --data data --out shards/ravdess" in made["shards"]
    assert "--model.init_args.whisper.source=whisper" in made["C2SER stage1"]
    assert "--config configs/demo/pretrained_whisper.yaml" in made["C2SER stage1"]
    assert "--config configs/demo/pretrained_whisper.yaml" in made["test of stage2"]
    assert "pretrained_whisper" not in " ".join(" ".join(step.command) for step in steps(Plan("demo", None, None, "x")))
    assert "runs/ravdess/stage1/checkpoints/last.ckpt" in made["C2SER stage2"]


def test_small_corpora_are_trained_on_for_longer():
    once, longer = (steps(Plan("csv", Path("m.csv"), None, "x", repeat)) for repeat in (1, 3))
    assert not any("max_epochs" in part for step in once for part in step.command)
    for step in longer:
        options = [part for part in step.command if "epoch" in part]
        if "fit" not in step.command:
            assert not options
            continue
        overlay = next(Path(part) for part in step.command if part.startswith("configs/demo/"))
        trainer = yaml.safe_load(overlay.read_text())["trainer"]
        names = ("max_epochs", "check_val_every_n_epoch")
        assert options == [f"--trainer.{name}={3 * trainer[name]}" for name in names]


def test_a_failing_step_ends_the_demo_with_its_name():
    with pytest.raises(SystemExit, match="step 'broken' failed with status 3"):
        run(Step("broken", ["python", "-c", "raise SystemExit(3)"]), 1, 1)


def test_the_summary_shows_every_system_with_interval_and_chance(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    plan = Plan("demo", None, None, "demo")
    for folder in ("probe_random", "probe_pretrained", "stage1", "stage2"):
        result(folder).write(plan.runs / folder)
    ua = json.loads((plan.runs / "stage2" / "metrics.json").read_text())["ua"]
    text = summary(plan, [Step("shards", [], 60.0)])
    assert text.count(f"{ua:.3f}") >= 4
    assert "chance level of UA: 0.143" in text
    assert "total 1.0 min" in text


def test_a_real_corpus_without_data_is_refused(capsys):
    with pytest.raises(SystemExit):
        main(["--corpus", "ravdess"])
    assert "needs --data" in capsys.readouterr().err
