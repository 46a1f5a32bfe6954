"""Three wordings on two sets through the real command, at the tiniest size; a second run asks nothing again."""

import json
import shutil
from pathlib import Path

import pytest
import yaml

from c2ser_lightning.emotions import EMOTIONS
from c2ser_lightning.models.speech import Speech
from c2ser_lightning.report.predictions import read_predictions
from c2ser_lightning.report.scoring import recognition
from tests.browser import BROWSER, run_in_browser
from tests.conftest import ROOT
from tests.pages import Page
from tests.results import predictions
from tests.shards import write_split
from tests.tiny_runs import CONFIGS, cli, make_tiny
from tools.prompt_sensitivity import Sensitivity, main, set_names, write
from tools.prompting.ensemble import mean_probabilities, vote
from tools.prompting.outcomes import outcome

EVIL = "What <b>emotion</b> | is it?"
TRAINED_WHISPER = "--model.init_args.whisper.trainable=true"
WORDINGS = {"explicit": ["Describe.", "How | why?"], "implicit": ["Please describe.", EVIL, "The emotion?"]}


@pytest.fixture(autouse=True)
def _no_arguments_of_pytest(monkeypatch):
    monkeypatch.setattr("sys.argv", ["prompt_sensitivity"])
    monkeypatch.chdir(ROOT)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory) -> Path:
    folder = make_tiny(tmp_path_factory.mktemp("tiny"))
    write_split(folder / "other", "test", [0.5, 0.6, 0.7], language="pl")
    overlay = {"model": {"init_args": {"prompts": WORDINGS}}}
    (folder / "wordings.yaml").write_text(yaml.safe_dump(overlay))
    return folder


@pytest.fixture(scope="module")
def checkpoint(tiny) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        patch.setattr("sys.argv", ["c2ser_lightning"])
        cli("fit", ["stage2.yaml"], tiny, tiny / "fit", "--model.init_args.initialise_from=null", TRAINED_WHISPER)
    return tiny / "fit" / "checkpoints" / "last.ckpt"


def arguments(tiny: Path, checkpoint: Path, out: Path, *more: str) -> list[str]:
    files = ["--config", str(CONFIGS / "stage2.yaml"), "--config", str(tiny / "tiny.yaml")]
    places = [f"--ckpt_path={checkpoint}", "--prompts", str(tiny / "wordings.yaml"), "--out", str(out)]
    return [*files, *places, TRAINED_WHISPER, *more]


def found(out: Path) -> dict:
    return json.loads((out / "prompt_sensitivity.json").read_text())


@pytest.mark.slow
def test_every_wording_is_asked_once_on_every_set(tiny, checkpoint, tmp_path, capsys, monkeypatch):
    heard: list[str] = []
    encode = Speech.encode

    def counted(speech, encoder, cache):
        def counting(part):
            heard.extend(part.keys)
            return encoder(part)

        return encode(speech, counting, cache)

    monkeypatch.setattr(Speech, "encode", counted)
    own = tiny / "eval_own.yaml"
    few = {"shards": str(tiny / "other"), "emotions": ["anger", "happiness"]}
    own.write_text(yaml.safe_dump({"data": {"init_args": few}}))
    score = "--model.init_args.answering.method=score"
    words = arguments(tiny, checkpoint, tmp_path, score, "--sets", str(tiny / "shards"), str(own))
    main(words)
    assert len(heard) == 2 * (7 + 2)  # both encoders, every utterance of each set once, whatever the wordings
    printed = capsys.readouterr().out
    assert "shards" in printed
    outcomes = {row["test_set"]: row for row in found(tmp_path)["outcomes"]}
    assert {name: row["n"] for name, row in outcomes.items()} == {"shards": 7, "own": 2, "mean over sets": 9}
    assert list(outcomes["own"]["wordings"]) == WORDINGS["implicit"]
    assert found(tmp_path)["ensemble"] == "mean"

    files = sorted((tmp_path / "answers").glob("shards-*.jsonl"))
    answers = [read_predictions(path) for path in files]
    assert len(files) == len({rows[0].probabilities["anger"] for rows in answers}) == 3  # each in its own words
    uas = sorted(recognition(rows, tuple(rows[0].probabilities)).ua for rows in answers)
    assert sorted(row["ua"] for row in outcomes["shards"]["wordings"].values()) == uas
    tables = [mean_probabilities(asked) for asked in zip(*answers, strict=True)]
    right = [max(table, key=table.get) == row.emotion for table, row in zip(tables, answers[0], strict=True)]
    assert outcomes["shards"]["ensemble"]["wa"] == pytest.approx(sum(right) / 7)

    page = Page((tmp_path / "prompt_sensitivity.html").read_text())
    assert (page.tags["table"], page.tags["b"], page.tags["script"]) == (3, 0, 0)
    assert EVIL in page.text
    assert "What <b>emotion</b> \\| is it?" in (tmp_path / "prompt_sensitivity.md").read_text()

    stamps = {path: path.stat().st_mtime_ns for path in (tmp_path / "answers").iterdir()}
    shutil.copy(tmp_path / "prompt_sensitivity.json", tmp_path / "before.json")
    files[1].unlink()  # as if the run had been stopped before this one
    heard.clear()
    main(words)
    after = {path: path.stat().st_mtime_ns for path in (tmp_path / "answers").iterdir()}
    assert {path for path in after if after[path] != stamps[path]} == {files[1]}
    assert len(heard) == 2 * 7
    assert found(tmp_path) == json.loads((tmp_path / "before.json").read_text())


@pytest.mark.slow
def test_generated_answers_of_stage_1_have_its_own_question_and_a_vote(tiny, checkpoint, tmp_path):
    words = arguments(tiny, checkpoint, tmp_path / "out")  # both stages have the same weights
    words[1] = str(CONFIGS / "stage1.yaml")
    main(words)
    (only,) = found(tmp_path / "out")["outcomes"]
    assert list(only["wordings"]) == WORDINGS["explicit"]
    assert found(tmp_path / "out")["ensemble"] == "vote"
    answers = [read_predictions(path) for path in (tmp_path / "out" / "answers").iterdir()]
    unparsed = [vote(asked) is None for asked in zip(*answers, strict=True)]
    assert only["ensemble"]["unparsed"] == pytest.approx(sum(unparsed) / 7)


@pytest.mark.skipif(BROWSER is None, reason="no Chromium here: apt-get install chromium")
def test_the_page_is_as_wide_as_a_phone_and_its_table_is_reached_by_keyboard(tmp_path):
    answers = {text: predictions(14, wrong_every=every) for text, every in (("A long wording. " * 20, 3), ("短", 2))}
    folder = "runs/a_folder_with_a_long_name_that_does_not_break/checkpoints/last.ckpt"
    made = [outcome("toy", answers, EMOTIONS)]
    write(Sensitivity(f"ImplicitCoT ({folder})", "2026-01-01", f"python {folder}", "vote", made), tmp_path)
    script = """() => ({ wide: document.documentElement.scrollWidth - innerWidth,
                         reached: document.querySelector(".scroll").tabIndex >= 0 })"""
    page = tmp_path / "asked.html"
    text = (tmp_path / "prompt_sensitivity.html").read_text(encoding="utf-8")
    page.write_text(text.replace("default-src 'none'; ", ""), encoding="utf-8")  # lets the test's own script run
    seen = run_in_browser(page, script, tmp_path / "profile", "--window-size=500,800")
    assert seen["reached"]
    assert seen["wide"] <= 0


def test_mistakes_are_said(tiny, tmp_path):
    with pytest.raises(SystemExit, match=r"error: .*no\.ckpt"):
        main(arguments(tiny, tmp_path / "no.ckpt", tmp_path))
    with pytest.raises(SystemExit, match="EmotionProbe is not asked in words"):
        main(["--config", str(CONFIGS / "probe.yaml"), "--trainer.accelerator=cpu", "--trainer.precision=32-true"])


def test_sets_of_one_name_are_refused(tmp_path):
    with pytest.raises(ValueError, match="two test sets are called 'meld'"):
        set_names([tmp_path / "meld", Path("configs/eval_meld.yaml")])
    assert list(set_names([tmp_path / "a", Path("configs/eval_meld.yaml")])) == ["a", "meld"]
