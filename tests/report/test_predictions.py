import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from c2ser_lightning.data.record import Levels
from c2ser_lightning.report.predictions import Prediction, PredictionFileError, read_predictions, write_predictions
from tests.results import predictions
from tests.shards import record

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@given(words=TEXT, answer=TEXT)
def test_any_text_survives_the_file(tmp_path_factory, words, answer):
    """Transcripts and answers may hold line separators that are not newlines, such as U+2028."""
    path = tmp_path_factory.mktemp("rows") / "predictions.jsonl"
    rows = [replace(row, transcript=words, answer=answer) for row in predictions(2)]
    write_predictions(path, rows)
    assert read_predictions(path) == rows


def test_unlabelled_and_scored_rows_survive_the_file(tmp_path):
    unlabelled = record(0, 1.0, emotion=None, levels=Levels())
    rows = [Prediction.of(unlabelled, None), Prediction.scored(record(1, 1.0), {"anger": 0.25, "fear": 0.75})]
    write_predictions(tmp_path / "deep" / "rows.jsonl", rows)
    assert read_predictions(tmp_path / "deep" / "rows.jsonl") == rows
    assert rows[1].predicted == "fear"
    assert not rows[0].correct


@pytest.mark.parametrize(
    "line", ['{"key": 1, "mood": 2}', "{}", "[]", '"text"', "not json", '{"key": "a", "levels": null}', '{"key": "a"']
)
def test_a_bad_line_is_named_with_file_and_number(tmp_path, line):
    path = tmp_path / "predictions.jsonl"
    write_predictions(path, predictions(3))
    path.write_text(path.read_text() + line + "\n")
    with pytest.raises(PredictionFileError, match=r"predictions\.jsonl, line 4"):
        read_predictions(path)


def test_no_rows_are_an_empty_file(tmp_path):
    write_predictions(tmp_path / "rows.jsonl", [])
    assert read_predictions(tmp_path / "rows.jsonl") == []


def test_rows_are_readable_json_with_unescaped_chinese(tmp_path):
    write_predictions(tmp_path / "rows.jsonl", [Prediction.of(record(0, 1.0, transcript="你好"), "anger")])
    text = (tmp_path / "rows.jsonl").read_text(encoding="utf-8")
    assert "你好" in text
    assert json.loads(text)["levels"] == {"pitch": "low", "loudness": "medium", "rate": "high"}
