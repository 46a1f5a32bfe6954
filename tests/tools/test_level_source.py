"""Statistics of the training split, written beside shards and read for another set."""

import json
from dataclasses import replace

import pytest

from c2ser_lightning.data.record import Levels
from tests.tools.test_level_table import spread, utterance
from tools.level_source import ALL_SPLITS, TRAINING_SPLIT, LevelsError, LevelSource, written


def stored(source, folder):
    content = {"statistics": written(source.table.overall), "levels": source.written()}
    (folder / "info.json").write_text(json.dumps(content))
    return folder


def test_only_the_training_split_counts():
    others = [replace(record, split=split) for record in spread(500.0) for split in ("dev", "test")]
    source = LevelSource.of(spread(100.0) + others, "corpus", 20)
    assert source.source == TRAINING_SPLIT
    assert (source.table.overall.pitch_hz.count, source.table.overall.pitch_hz.mean) == (20, 100.0)


def test_a_set_that_is_only_tested_says_so():
    source = LevelSource.of([replace(record, split="test") for record in spread(100.0)], "corpus", 20)
    assert source.source == ALL_SPLITS
    assert "since none is for training" in source.closing_line()


@pytest.mark.parametrize("by", ["corpus", "speaker", "language"])
def test_what_is_read_sets_the_same_levels_as_what_was_written(by, tmp_path):
    records = [
        utterance("ab"[n % 2], f"s{n % 3}", ("en", "zh")[n % 2], 100 + 7.3 * n % 41, -20 - n % 7, None if n % 5 else n)
        for n in range(200)
    ]
    source = LevelSource.of(records, by, 20)
    read = LevelSource.read(stored(source, tmp_path))
    assert read.table == source.table
    assert read.source == f"training split of {tmp_path.name}"
    assert read.levelled(records)[0] == source.levelled(records)[0]


def test_fallbacks_are_counted_by_group():
    source = LevelSource.of(spread(100.0, speaker="many") + spread(300.0, 4, speaker="few"), "speaker", 20)
    levelled, counted = source.levelled([utterance(speaker="few"), utterance(speaker="few"), utterance(speaker="many")])
    assert [record.levels.pitch for record in levelled] == ["medium"] * 3
    assert counted.fallbacks == {"a/few": 2}
    assert "2 utterances of 1 speaker groups with fewer than 20 values" in counted.closing_line()
    assert counted.written()["fallbacks"] == {"a/few": 2}


def test_folders_of_older_versions_are_read(tmp_path):
    part = {"count": 50, "mean": 100.0, "sd": 10.0}
    old = {
        "statistics": {"pitch_hz": part, "loudness_lufs": part, "speaking_rate": {"count": 0, "mean": 0.0, "sd": 0.0}}
    }
    (tmp_path / "info.json").write_text(json.dumps(old))
    ((record,), _) = LevelSource.read(tmp_path).levelled([utterance(pitch=111.0, loudness=100.0)])
    assert record.levels == Levels("high", "medium", None)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "no .*info.json; give a folder that tools.make_shards wrote"),
        ("{", "holds no statistics of levels"),
        ("{}", "holds no statistics of levels .*'statistics'"),
        ('{"statistics": {"pitch_hz": 3}}', "holds no statistics"),
    ],
)
def test_a_folder_without_statistics_is_named(content, message, tmp_path):
    if content is not None:
        (tmp_path / "info.json").write_text(content)
    with pytest.raises(LevelsError, match=message):
        LevelSource.read(tmp_path)
