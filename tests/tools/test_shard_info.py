import json

from c2ser_lightning.data.record import Attributes
from c2ser_lightning.emotions import EMOTIONS
from tests.shards import record
from tools.level_source import LevelSource
from tools.shard_info import FolderInfo, SplitInfo, unmeasured

RECORDS = [
    record(0, 1800.0, attributes=Attributes(100.0, -20.0, 9.0)),
    record(1, 1800.0, language="xx", attributes=Attributes(None, -22.0, None)),
    record(7, 3600.0, emotion=None, attributes=Attributes(200.0, -24.0, None)),
]


def info():
    levels = LevelSource.of(RECORDS, "corpus", 20)
    splits = {"train": SplitInfo.of(RECORDS, [])}
    return FolderInfo("toy", True, {"pitch_hop": 0.05}, levels, splits, unmeasured(RECORDS), {"silent": 1})


def test_split_is_counted():
    split = SplitInfo.of(RECORDS, [])
    assert (split.utterances, split.hours) == (3, 2.0)
    assert split.emotions == {"anger": 1, "happiness": 1, "unlabelled": 1}
    assert split.languages == {"en": 2, "xx": 1}
    assert split.speakers == ["speaker0", "speaker1"]


def test_undefined_attributes_are_counted():
    assert unmeasured(RECORDS) == {"pitch_hz": 1, "speaking_rate": 2}


def test_file_says_all_of_it(tmp_path):
    info().write(tmp_path)
    read = json.loads((tmp_path / "info.json").read_text(encoding="utf-8"))
    assert (read["name"], read["synthetic"], read["labels"]) == ("toy", True, list(EMOTIONS))
    assert read["statistics"]["pitch_hz"] == {"count": 2, "mean": 150.0, "sd": 50.0}
    assert read["statistics"]["speaking_rate"]["count"] == 1
    assert (read["levels"]["by"], read["levels"]["fewest"]) == ("corpus", 20)
    assert LevelSource.read(tmp_path).table == info().levels.table
    assert (read["unmeasured"], read["left_out"]) == ({"pitch_hz": 1, "speaking_rate": 2}, {"silent": 1})
    assert read["splits"]["train"]["utterances"] == 3


def test_table_shows_present_emotions_only():
    head, _, train = info().table().splitlines()
    assert head.split() == ["split", "utts", "hours", "speakers", "anger", "happiness", "unlabelled"]
    assert train.split() == ["train", "3", "2.000", "2", "1", "1", "1"]
