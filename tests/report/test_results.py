import json
import math

import pytest

from c2ser_lightning.report.results import Result, ResultError
from tests.results import result


def test_results_survive_the_disk(tmp_path):
    written = result()
    written.write(tmp_path)
    assert Result.read(tmp_path) == written
    assert Result.read(tmp_path, "other").name == "other"


def test_metrics_json_has_the_documented_keys(tmp_path):
    result().write(tmp_path)
    metrics = json.loads((tmp_path / "metrics.json").read_text())
    documented = {"wa", "ua", "macro_f1", "per_class", "confusion", "unparsed_rate", "n", "ci95"}
    beside = {"name", "corpus", "synthetic", "date", "emotions", "chance_ua", "ignored", "training_languages"}
    further = {"macro_f1_seen", "speakers", "annotators", "soft_labels", "calibration", "grounding", "efficiency"}
    further |= {"hearing"}
    assert metrics.keys() == documented | beside | further
    assert metrics["ci95"].keys() == {"wa", "ua", "macro_f1"}
    assert metrics["per_class"]["anger"].keys() == {"recall", "precision", "f1", "support"}


def test_metrics_json_is_strict_json_even_without_a_class(tmp_path):
    made = result()
    made.scores.per_class["fear"].recall = math.nan
    made.write(tmp_path)
    text = (tmp_path / "metrics.json").read_text()
    assert json.loads(text, parse_constant=pytest.fail)["per_class"]["fear"]["recall"] is None
    assert math.isnan(Result.read(tmp_path).scores.per_class["fear"].recall)


@pytest.mark.parametrize("missing", ["metrics.json", "predictions.jsonl"])
def test_an_unfinished_test_is_named_with_what_to_run(tmp_path, missing):
    result().write(tmp_path)
    (tmp_path / missing).unlink()
    with pytest.raises(FileNotFoundError, match=rf"no {missing} in .*c2ser_lightning test"):
        Result.read(tmp_path)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"name": 1}', "{"])
@pytest.mark.parametrize("file", ["metrics.json", "audio.json"])
def test_a_damaged_file_is_named(tmp_path, file, text):
    result().write(tmp_path)
    (tmp_path / file).write_text(text)
    if (file, text) == ("audio.json", "{}"):
        assert Result.read(tmp_path).audio == {}
        return
    with pytest.raises(ResultError, match=file):
        Result.read(tmp_path)


def test_without_audio_the_rest_is_read(tmp_path):
    result().write(tmp_path)
    (tmp_path / "audio.json").unlink()
    assert Result.read(tmp_path).audio == {}
