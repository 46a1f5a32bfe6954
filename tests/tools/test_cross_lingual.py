"""From a training on shards, over its checkpoint and its test, to the table by language."""

import json
from dataclasses import replace

import pytest
import torch
import yaml

from tests.conftest import ROOT
from tests.pages import Page
from tests.results import result
from tests.shards import write_split
from tests.tiny_runs import cli, make_tiny
from tools.cross_lingual import languages_of, main


def written(out) -> dict:
    return json.loads((out / "cross_lingual.json").read_text())


@pytest.mark.slow
def test_training_languages_come_from_the_shards(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr("sys.argv", ["c2ser_lightning"])
    tiny = make_tiny(tmp_path)
    write_split(tmp_path / "polish", "train", [0.5, 0.6], language="pl")
    write_split(tmp_path / "polish", "dev", [0.5, 0.6], language="de")
    write_split(tmp_path / "sets", "test", [0.5, 0.6, 0.7], language="zh")
    scored = "--model.init_args.answering.method=score"
    cli("fit", ["stage1.yaml"], tiny, tmp_path / "one", f"--data.init_args.shards={tmp_path / 'polish'}")
    first = tmp_path / "one" / "checkpoints" / "last.ckpt"
    cli("fit", ["stage2.yaml"], tiny, tmp_path / "two", f"--model.init_args.initialise_from={first}")
    last = tmp_path / "two" / "checkpoints" / "last.ckpt"
    kept = [torch.load(path, weights_only=True)["training_languages"] for path in (first, last)]
    assert kept == [["pl"], ["en", "pl"]]  # stage 2 heard English, and stands on what heard Polish

    rest = ["--model.init_args.initialise_from=null", f"--ckpt_path={last}", scored]
    both = f"--data.init_args.shards=[{tmp_path / 'shards'}, {tmp_path / 'sets'}]"
    cli("test", ["stage2.yaml"], tiny, tmp_path / "test", *rest, both)
    main([str(tmp_path / "test"), "--out", str(tmp_path / "table")])
    found = {row["language"]: row["relation"] for row in written(tmp_path / "table")["rows"]}
    assert found == {"en": "trained", "zh": "zero-shot"}
    assert "implicit was trained on: en, pl." in capsys.readouterr().out
    page = Page((tmp_path / "table" / "cross_lingual.html").read_text())
    assert page.tags["table"] == 2
    assert "implicit, zero-shot: zh" in page.text


def test_languages_of_shards_are_those_of_info_or_else_of_the_records(tmp_path):
    write_split(tmp_path / "a", "train", [0.5, 0.6], language="pl")
    write_split(tmp_path / "b", "train", [0.5, 0.6], language="en")
    info = {"splits": {"train": {"languages": {"en": 1, "zh": 1}}, "test": {"languages": {"de": 3}}}}
    (tmp_path / "b" / "info.json").write_text(json.dumps(info))
    assert languages_of([tmp_path / "a", tmp_path / "b"]) == ("en", "pl", "zh")


def test_languages_can_be_told_and_mistakes_are_said(tmp_path):
    result("theirs").write(tmp_path / "a")  # English and Chinese, trained on nobody knows what
    main([str(tmp_path / "a"), str(tmp_path / "nothing"), "--out", str(tmp_path), "--trained-on", "zh"])
    assert [row["relation"] for row in written(tmp_path)["rows"]] == ["zero-shot", "trained"]
    main([str(tmp_path / "a"), "--out", str(tmp_path)])
    assert {row["relation"] for row in written(tmp_path)["rows"]} == {"unknown"}
    with pytest.raises(SystemExit, match=r"no finished test \(metrics\.json\) in"):
        main([str(tmp_path / "nothing")])
    with pytest.raises(SystemExit, match="no shard folder"):
        main([str(tmp_path / "a"), "--train-shards", str(tmp_path / "nowhere")])


def test_a_set_that_one_system_answered_twice_is_refused_until_they_are_named_apart(tmp_path):
    for folder in ("written", "scored"):
        result("implicit").write(tmp_path / folder)
    tests = [str(tmp_path / folder) for folder in ("written", "scored")]
    with pytest.raises(SystemExit, match=r"written and .*scored are both tests of 'implicit' on .*name the systems"):
        main([*tests, "--out", str(tmp_path)])
    main([f"a={tests[0]}", f"b={tests[1]}", "--out", str(tmp_path)])
    assert {row["system"] for row in written(tmp_path)["rows"]} == {"a", "b"}


def test_what_a_test_says_of_the_training_is_read_back(tmp_path):
    replace(result(), training_languages=("en", "pl")).write(tmp_path)
    assert yaml.safe_load((tmp_path / "metrics.json").read_text())["training_languages"] == ["en", "pl"]
    assert type(result()).read(tmp_path).training_languages == ("en", "pl")
