"""The judge over a real loopback server."""

import json
from dataclasses import replace

import pytest
from sklearn.metrics import cohen_kappa_score

from c2ser_lightning.report.predictions import write_predictions
from tests.results import predictions
from tests.tools.teachers.chat_server import chat_server, completion, failure
from tools.judge_answers import kappa, main


def reading(server, body, number):
    """Reads every answer right, but takes fear for surprise."""
    text = body["messages"][0]["content"].partition("\n\n")[2]
    return completion("Surprise" if "fear" in text else text)


@pytest.fixture
def file(tmp_path):
    rows = [replace(row, answer=f"It is {row.emotion}.", predicted=row.emotion) for row in predictions(14)]
    write_predictions(tmp_path / "predictions.jsonl", [*rows, replace(rows[0], key="silent", answer="")])
    return tmp_path / "predictions.jsonl"


def arguments(file, url, *more):
    settings = ["--teacher", "endpoint", "--teacher-model", "toy", "--teacher-url", url, "--teacher-tries", "1"]
    return [str(file), *settings, *more]


def test_agreement_is_counted_and_each_reading_kept(file, capsys):
    with chat_server([]) as (server, url):
        server.behaviour = reading
        main(arguments(file, url))
        assert len(server.bodies) == 7  # equal answers are judged once
        question = server.bodies[0]["messages"][0]["content"]
        assert "The possible labels are: anger, happiness, neutral, sadness, surprise, disgust, fear" in question
        main(arguments(file, url))
        assert len(server.bodies) == 7  # and a second run asks for nothing
    assert "14 answers, agreement 0.857" in capsys.readouterr().out
    summary = json.loads((file.parent / "judge.json").read_text())
    assert (summary["parser"]["wa"], summary["judge"]["wa"]) == pytest.approx((1.0, 12 / 14))
    lines = list(map(json.loads, (file.parent / "judged.jsonl").read_text().splitlines()))
    assert [line["judge"] for line in lines if line["emotion"] == "fear"] == ["surprise", "surprise"]


def test_a_judge_that_cannot_be_reached_is_said(file, capsys):
    with chat_server([]) as (server, url):
        server.behaviour = lambda server, body, number: (
            failure(400) if "fear" in str(body) else reading(server, body, 0)
        )
        main(arguments(file, url, "--labels", "anger", "happiness", "neutral", "sadness", "surprise", "disgust"))
    printed = capsys.readouterr().out
    assert "said nothing of 2 answers" in printed


def test_a_file_without_answers_cannot_be_judged(tmp_path):
    write_predictions(tmp_path / "predictions.jsonl", [replace(row, answer="") for row in predictions(2)])
    with pytest.raises(SystemExit, match="no generated answers"):
        main(arguments(tmp_path / "predictions.jsonl", "http://localhost:1/v1"))


def test_kappa_equals_scikit_learn():
    first = ["anger", "fear", None, "fear", "anger", "anger"]
    second = ["anger", "anger", None, "fear", "fear", "anger"]
    expected = cohen_kappa_score([str(one) for one in first], [str(one) for one in second])
    assert kappa(first, second) == pytest.approx(expected)
    assert kappa(["fear"], ["fear"]) == 1.0
