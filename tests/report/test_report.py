import json
import math

import pytest

from c2ser_lightning.emotions import EMOTIONS
from c2ser_lightning.report.html import ReportError, write_report
from c2ser_lightning.report.predictions import Prediction, PredictionFileError, read_predictions, write_predictions
from c2ser_lightning.report.results import Result
from c2ser_lightning.report.selection import choose_examples
from c2ser_lightning.report.tables import score_table
from tests.metrics.test_recognition import scores
from tests.shards import record
from tools.report import main


def predictions(count: int = 28, wrong_every: int = 4) -> list[Prediction]:
    made = []
    for number in range(count):
        item = record(number, 1.0, transcript=f"<b>word</b> & {number}")
        answer = None if number % wrong_every == 0 else item.emotion
        made.append(Prediction.of(item, answer, answer=f"It is {answer}.", reference=item.explicit or ""))
    return made


def result(name: str = "explicit", corpus: str = "toy", **changes) -> Result:
    rows = predictions(**changes)
    pairs = [
        (-1 if row.predicted is None else EMOTIONS.index(row.predicted), EMOTIONS.index(row.emotion)) for row in rows
    ]
    audio = {row.key: b"fLaC" + row.key.encode() for row in rows[:6]}
    return Result(name, corpus, True, "2026-01-01", scores(pairs), rows, audio)


def test_results_survive_the_disk(tmp_path):
    written = result()
    written.write(tmp_path)
    read = Result.read(tmp_path)
    assert read.predictions == written.predictions
    assert read.audio == written.audio
    assert read.scores.confusion == written.scores.confusion
    assert read.scores.ci95 == written.scores.ci95
    assert Result.read(tmp_path, "other").name == "other"


def test_metrics_json_is_strict_json_even_without_a_class(tmp_path):
    made = result()
    made.scores.per_class["fear"].recall = math.nan
    made.write(tmp_path)
    text = (tmp_path / "metrics.json").read_text()
    assert json.loads(text, parse_constant=pytest.fail)["per_class"]["fear"]["recall"] is None
    assert math.isnan(Result.read(tmp_path).scores.per_class["fear"].recall)


def test_a_bad_line_is_named_with_file_and_number(tmp_path):
    path = tmp_path / "predictions.jsonl"
    write_predictions(path, predictions(3))
    path.write_text(path.read_text() + '{"key": 1, "mood": 2}\n')
    with pytest.raises(PredictionFileError, match=r"predictions\.jsonl, line 4"):
        read_predictions(path)


def test_the_page_is_self_contained_escaped_and_side_by_side(tmp_path):
    write_report([result("explicit"), result("implicit", wrong_every=7)], tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text()
    assert "http://" not in page
    assert "https://" not in page
    assert "&lt;b&gt;word&lt;/b&gt; &amp; 0" in page
    assert "<b>word" not in page
    assert page.count("<figcaption>") == 2
    assert page.count("<article") == 6
    assert page.count("data:audio/flac;base64,") == 6
    assert "synthetic" in page
    assert "95 %" in page
    assert "Chance level of UA: 0.143" in page


def test_systems_of_different_test_sets_are_not_compared(tmp_path):
    with pytest.raises(ReportError, match="one test set"):
        write_report([result(), result(corpus="other")], tmp_path / "page.html")


def test_examples_are_spread_over_emotions_and_over_right_and_wrong():
    rows = predictions(70)
    chosen = choose_examples([rows], 14)
    by_key = {row.key: row for row in rows}
    assert len(set(chosen)) == 14
    assert {by_key[key].emotion for key in chosen} == set(EMOTIONS)
    assert 4 <= sum(by_key[key].correct for key in chosen) <= 10
    assert choose_examples([rows[::-1]], 14) == chosen
    assert len(choose_examples([rows], 1000)) == 70


def test_the_table_shows_interval_chance_and_origin():
    table = score_table([result("one"), result("two", wrong_every=2)])
    assert "chance level of UA 0.143" in table
    assert "synthetic" in table
    assert len({len(line) for line in table.splitlines()[1:4]}) == 1


def test_the_tool_merges_folders_and_names_what_is_missing(tmp_path, capsys):
    result("a").write(tmp_path / "a")
    result("b").write(tmp_path / "b")
    main([f"first={tmp_path / 'a'}", str(tmp_path / "b"), "--out", str(tmp_path / "page.html")])
    assert "first" in capsys.readouterr().out
    assert (tmp_path / "page.html").is_file()
    with pytest.raises(SystemExit, match=r"no metrics\.json in"):
        main([str(tmp_path / "nowhere")])
