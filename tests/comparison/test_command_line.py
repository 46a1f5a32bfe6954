"""Comparison systems through the project's own commands, on tiny shards and with tiny weights."""

import json
import shutil

import pytest
import yaml

from c2ser_lightning.callbacks import EvaluationReport
from c2ser_lightning.cli import run
from c2ser_lightning.comparison import ComparisonError
from c2ser_lightning.report.results import Result
from tests.comparison.tiny_systems import chat_model_folder, qwen2_audio_folder, whisper_folder
from tests.conftest import ROOT
from tests.models.upstreams.checkpoints import write
from tests.shards import write_split
from tests.tiny_runs import TRAINER
from tools import prompt_sensitivity
from tools.evaluate_all import main

CONFIGS = ROOT / "configs"
SECONDS = [0.5, 0.9, 0.7, 1.3]


@pytest.fixture(autouse=True)
def _no_arguments_of_pytest(monkeypatch):
    monkeypatch.setattr("sys.argv", ["c2ser_lightning"])
    monkeypatch.chdir(ROOT)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """Shards, three systems, and an overlay for each that replaces sizes and folders alone."""
    folder = tmp_path_factory.mktemp("tiny")
    for split in ("train", "dev", "test"):
        write_split(folder / "shards", split, SECONDS)
    qwen2_audio = {"source": str(qwen2_audio_folder(folder / "qwen2_audio")), "dtype": "float32", "max_new_tokens": 3}
    reader = {"source": str(chat_model_folder(folder / "reader")), "dtype": "float32", "max_new_tokens": 3}
    transcriber = {"source": str(whisper_folder(folder / "whisper")), "language": "zh"}
    (folder / "upstream").mkdir()
    source = f"whisper:{write('whisper', folder / 'upstream')}"
    settings = {
        "qwen2_audio": qwen2_audio,
        "cascade": {"transcriber": transcriber, "reader": reader},
        "ssl_probe": {"upstream": {"name": "tiny", "source": source}},
    }
    data = {"shards": str(folder / "shards"), "loader": {"workers": 0}, "batch": {"max_utterances": 3}}
    for name, init_args in settings.items():
        content = {"trainer": TRAINER, "model": {"init_args": init_args}, "data": {"init_args": data}}
        (folder / f"{name}.yaml").write_text(yaml.safe_dump(content))
    return folder


def command(verb, tiny, system, out, *options, first="eval_meld.yaml"):
    files = [CONFIGS / first, CONFIGS / "compare" / f"{system}.yaml", tiny / f"{system}.yaml"]
    arguments = [part for file in files for part in ("--config", str(file))]
    return run([verb, *arguments, f"--run_dir={out}", *options])


@pytest.mark.parametrize("system", ["qwen2_audio", "cascade"])
def test_a_system_is_tested_like_c2ser(system, tiny, tmp_path, capsys):
    command("test", tiny, system, tmp_path)
    result = Result.read(tmp_path)
    assert result.name == {"qwen2_audio": "Qwen2-Audio", "cascade": "Whisper + Qwen2"}[system]
    assert [row.key for row in result.predictions] == [f"utt{number:03d}" for number in range(4)]
    assert result.scores.n == 4
    assert all(row.tokens for row in result.predictions)
    assert result.further.efficiency.tokens_per_answer > 0
    assert all((row.heard is not None) == (system == "cascade") for row in result.predictions)
    assert (result.further.hearing is not None) == (system == "cascade")
    page = (tmp_path / "report.html").read_text()
    assert ("heard as" in page) == (system == "cascade")
    assert result.name in capsys.readouterr().out


def test_a_probe_is_trained_and_tested(tiny, tmp_path):
    fitted = command("fit", tiny, "ssl_probe", tmp_path, first="probe.yaml")
    assert fitted.trainer.global_step == 1
    best = tmp_path / "checkpoints" / "last.ckpt"
    tested = command("test", tiny, "ssl_probe", tmp_path, f"--ckpt_path={best}")
    assert len([one for one in tested.trainer.callbacks if isinstance(one, EvaluationReport)]) == 1
    result = Result.read(tmp_path)
    assert result.further.calibration is not None
    assert all(row.probabilities for row in result.predictions)


def test_what_would_not_be_heard_or_loaded_is_refused(tiny, tmp_path):
    with pytest.raises(ComparisonError, match=r"hears 30 s at most.*filters\.max_seconds is 40; set it to 30"):
        command("test", tiny, "qwen2_audio", tmp_path, "--data.init_args.filters.max_seconds=40")
    command("fit", tiny, "ssl_probe", tmp_path, first="probe.yaml")
    best = tmp_path / "checkpoints" / "last.ckpt"
    with pytest.raises(ComparisonError, match=r"takes no checkpoint; set ckpt_path: null"):
        command("test", tiny, "qwen2_audio", tmp_path, f"--ckpt_path={best}")


@pytest.mark.parametrize(("system", "wordings"), [("qwen2_audio", 5), ("cascade", 4)])
def test_a_system_is_asked_in_every_wording(system, wordings, tiny, tmp_path):
    files = [CONFIGS / "eval_meld.yaml", CONFIGS / "compare" / f"{system}.yaml", tiny / f"{system}.yaml"]
    arguments = [part for file in files for part in ("--config", str(file))]
    prompts = CONFIGS / "compare" / f"wordings_{system}.yaml"
    prompt_sensitivity.main([*arguments, "--prompts", str(prompts), "--out", str(tmp_path)])
    (outcome,) = json.loads((tmp_path / "prompt_sensitivity.json").read_text())["outcomes"]
    assert len(outcome["wordings"]) == wordings
    assert outcome["n"] == len(SECONDS)
    assert len(list((tmp_path / "answers").glob("*.jsonl"))) == wordings


@pytest.mark.slow
def test_a_system_on_the_papers_sets_at_once(tiny, tmp_path, capsys):
    shutil.copytree(tiny / "shards", tmp_path / "sets" / "meld")
    arguments = ["--system", "configs/compare/qwen2_audio.yaml", "--overlay", str(tiny / "qwen2_audio.yaml")]
    arguments += ["--shards", str(tmp_path / "sets"), "--out", str(tmp_path / "out"), "--name", "tiny Qwen2-Audio"]
    main(arguments)
    assert "| **tiny Qwen2-Audio** |" in capsys.readouterr().out
    content = json.loads((tmp_path / "out" / "table.json").read_text())
    assert set(content["results"]) == {"meld"}
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").glob("*/metrics.json")}
    main(arguments)
    assert before == {path: path.stat().st_mtime_ns for path in (tmp_path / "out").glob("*/metrics.json")}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [([], "name what is to be tested"), (["--system", "configs/compare/nothing.yaml"], "comparison systems are in")],
)
def test_nothing_to_test_is_said(arguments, message, tmp_path):
    with pytest.raises(SystemExit, match=message):
        main([*arguments, "--out", str(tmp_path)])
