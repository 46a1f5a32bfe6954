from dataclasses import replace

import numpy as np
import pytest

from c2ser_lightning.data.ledger import Skip
from c2ser_lightning.data.record import Attributes
from tests.tools.building.corpus import manifest_rows
from tools.attributes.phonemes import count_phonemes
from tools.building.describing import Size, describe_unit, read_records
from tools.building.engine import ThisProcess
from tools.building.measuring import AnnotationSettings, measure_units, read_measured
from tools.building.planning import Unit
from tools.building.row_file import write_rows
from tools.building.work_folder import open_work_folder
from tools.level_table import LevelTable


@pytest.fixture
def work(tmp_path):
    with open_work_folder(tmp_path / "out") as made:
        yield made


@pytest.fixture
def unit(work, tmp_path):
    rows = manifest_rows(tmp_path / "corpus", 6)
    rows[2].audio.write_text("no sound")
    rows[3] = replace(rows[3], language="xx", label="", votes={})
    unit = Unit(0, 6, "key")
    write_rows(work.rows(0), rows)
    list(measure_units([unit], work, AnnotationSettings(), ThisProcess()))
    return unit


def test_records_join_what_is_listed_and_what_was_measured(work, unit):
    described = describe_unit(unit, work, LevelTable())
    items = list(read_records(work.records(described.files.records)))
    measured = read_measured(work.measured("key"))
    assert [skip for skip in items if isinstance(skip, Skip)] == described.skips
    assert [(skip.key, skip.reason, skip.source) for skip in described.skips] == [("a002", "undecodable", "row 2")]
    first = items[0].record
    rate = count_phonemes("word 0", "en") / measured[0].speech_seconds
    assert first.attributes == replace(measured[0].attributes, speaking_rate=rate)
    assert (first.emotion, first.emotion_original, first.speaker) == ("happiness", "happy", "s0")
    assert items[0].clip == measured[0].clip
    unlabelled = items[3].record
    assert (unlabelled.emotion, unlabelled.attributes.speaking_rate) == (None, None)
    assert unlabelled.attributes.loudness_lufs is not None


def test_statistics_and_sizes_are_those_of_the_records(work, unit):
    described = describe_unit(unit, work, LevelTable("speaker", 3))
    entries = [item for item in read_records(work.records(described.files.records)) if not isinstance(item, Skip)]
    training = [entry for entry in entries if entry.record.split == "train"]
    loudness = [entry.record.attributes.loudness_lufs for entry in training]
    assert described.training.overall.loudness_lufs.mean == pytest.approx(np.mean(loudness))
    assert described.others.overall.loudness_lufs.count == 2
    assert sorted(described.training.groups) == ["toy/s0", "toy/s1", "toy/s3"]
    assert described.sizes["train"] == Size(3, sum(entry.clip.size for entry in training))


def test_records_that_are_there_are_not_made_again(work, unit, monkeypatch):
    first = describe_unit(unit, work, LevelTable())
    monkeypatch.setattr("tools.building.describing.record_of", None)
    assert describe_unit(unit, work, LevelTable()) == first
    rows_file = work.rows(0)
    rows_file.write_text(rows_file.read_text().replace("word 5", "words"))
    with pytest.raises(TypeError):
        describe_unit(unit, work, LevelTable())


def test_a_record_keeps_every_digit(work, unit):
    described = describe_unit(unit, work, LevelTable())
    (entry, *_) = read_records(work.records(described.files.records))
    assert entry.record == type(entry.record).from_json(entry.record.to_json())
    assert isinstance(entry.record.attributes, Attributes)
