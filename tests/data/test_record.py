import json

import pytest

from c2ser_lightning.data.record import Attributes, RecordError, UtteranceRecord

RECORD = UtteranceRecord(
    "k", "c", "s", "en", "train", "anger", "cat", 1.0, attributes=Attributes(200.0, -20.0, 9.0, 80.0, 34.3, 7.0)
)


def test_what_was_written_is_read():
    assert UtteranceRecord.from_json(RECORD.to_json()) == RECORD


def test_shards_from_before_the_range_of_pitch_are_read():
    written = json.loads(RECORD.to_json())
    written["attributes"] = {"pitch_hz": 200.0, "loudness_lufs": -20.0, "speaking_rate": 9.0}
    assert UtteranceRecord.from_json(json.dumps(written)).attributes == Attributes(200.0, -20.0, 9.0)


def test_an_unknown_attribute_is_an_error():
    written = json.loads(RECORD.to_json())
    written["attributes"]["pitch_hertz"] = 200.0
    with pytest.raises(RecordError, match="pitch_hertz"):
        UtteranceRecord.from_json(json.dumps(written))
