"""Dataset folders as ``datasets`` writes them, made with pyarrow: same schema, metadata, file names and structs."""

import json
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest

from c2ser_lightning.data.audio import AudioError, load_audio
from tests.tools.corpora.miniature import reasons, speak, split_kinds, write
from tools.corpora import table_cells
from tools.corpora.base import CorpusError
from tools.corpora.hugging_face import read_hugging_face
from tools.corpora.recording import TableCell, load_recording, recording_seconds

AUDIO = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
FEATURES = {"audio": {"_type": "Audio"}, "emotion": {"names": ["anger", "joy", "sleepy"], "_type": "ClassLabel"}}


def sounds(folder: Path, count: int) -> list[bytes]:
    return [speak(folder / "sounds" / f"{n}.wav", 0.3 + n / 10, 150.0 + 50 * n).read_bytes() for n in range(count)]


def dataset(cells, labels, features=FEATURES, **columns) -> pa.Table:
    made = pa.table(
        {
            "audio": pa.array(cells, AUDIO),
            "emotion": pa.array(labels, pa.int64()),
            **{name: pa.array(values) for name, values in columns.items()},
        }
    )
    return made.replace_schema_metadata({"huggingface": json.dumps({"info": {"features": features}})})


def save_to_disk(folder: Path, name: str, table: pa.Table, batch: int = 2) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table, max_chunksize=batch)
    write(path.parent, "state.json", json.dumps({"_data_files": [{"filename": path.name}]}))


@pytest.fixture
def saved(tmp_path):
    """A DatasetDict of two splits, one of them in two files, and a leftover of ``map``."""
    clips = [{"bytes": data, "path": None} for data in sounds(tmp_path, 5)]
    columns = {"text": list("abc"), "speaker_id": [7, 7, 8]}
    save_to_disk(tmp_path / "d", "train/data-00000-of-00002.arrow", dataset(clips[:3], [0, 1, 2], **columns))
    columns = {"text": ["d"], "speaker_id": [9]}
    save_to_disk(tmp_path / "d", "train/data-00001-of-00002.arrow", dataset(clips[3:4], [-1], **columns))
    columns = {"text": ["e"], "speaker_id": [9]}
    save_to_disk(tmp_path / "d", "validation/data-00000-of-00001.arrow", dataset(clips[4:], [1], **columns))
    write(tmp_path / "d", "train/cache-0123.arrow", "leftover")
    write(tmp_path / "d", "dataset_dict.json", '{"splits": ["train", "validation"]}')
    return tmp_path / "d"


def test_folders_of_save_to_disk(saved, tmp_path):
    rows, skips = split_kinds(read_hugging_face(saved, corpus="toy", language="pl"))
    assert skips == []
    assert [(row.label, row.transcript, row.speaker, row.split) for row in rows] == [
        ("anger", "a", "7", "train"),
        ("joy", "b", "7", "train"),
        ("sleepy", "c", "8", "train"),
        ("", "d", "9", "train"),
        ("joy", "e", "9", "dev"),
    ]
    assert len({row.key for row in rows}) == 5
    assert (rows[0].corpus, rows[0].language) == ("toy", "pl")
    for number, row in enumerate(rows):
        wanted = load_audio(tmp_path / "sounds" / f"{number}.wav")
        assert np.array_equal(load_recording(row.audio), wanted)
        assert recording_seconds(row.audio) == pytest.approx(0.3 + number / 10)


def test_parquet_of_the_hub_in_several_row_groups(tmp_path):
    clips = [{"bytes": data, "path": f"{n}.wav"} for n, data in enumerate(sounds(tmp_path, 5))]
    listed = [{"name": name, **feature} for name, feature in FEATURES.items()]
    table = dataset(clips, [0, 1, 2, 0, 9], features=listed, id=[f"x/{n}.wav" for n in range(5)])
    (tmp_path / "d" / "data").mkdir(parents=True)
    pa.parquet.write_table(table, tmp_path / "d" / "data" / "test-00000-of-00001.parquet", row_group_size=2)
    rows, skips = split_kinds(read_hugging_face(tmp_path / "d"))
    assert [(row.key, row.split) for row in rows] == [(f"x_{n}-wav", "test") for n in range(4)]
    assert [(skip.key, skip.reason) for skip in skips] == [("x_4-wav", "unknown_label")]
    for number in (3, 0, 2, 1):
        assert np.array_equal(load_recording(rows[number].audio), load_audio(tmp_path / "sounds" / f"{number}.wav"))


def test_listing_a_parquet_file_reads_no_sound(tmp_path, monkeypatch):
    clips = [{"bytes": data, "path": None} for data in sounds(tmp_path, 2)]
    pa.parquet.write_table(dataset(clips, [0, 1]), tmp_path / "train.parquet")

    def loud(*_):
        raise AssertionError("sound was read")

    monkeypatch.setattr(table_cells, "_row_group", loud)
    assert len(list(read_hugging_face(tmp_path))) == 2


def test_paths_beside_the_table_and_cells_without_sound(tmp_path):
    speak(tmp_path / "wav" / "a.wav")
    cells = [{"bytes": None, "path": "wav/a.wav"}, {"bytes": None, "path": "gone.wav"}, None]
    pa.parquet.write_table(dataset(cells, [0, 1, 1]), tmp_path / "train.parquet")
    rows, _ = split_kinds(read_hugging_face(tmp_path))
    assert np.array_equal(load_recording(rows[0].audio), load_audio(tmp_path / "wav" / "a.wav"))
    for row, reason in ((rows[1], "missing_file"), (rows[2], "no_audio")):
        with pytest.raises(AudioError) as wrong:
            load_recording(row.audio)
        assert wrong.value.reason == reason


def test_columns_are_named_by_options(tmp_path):
    table = pa.table({"sound": pa.array([b"RIFF"]), "mood": pa.array(["Angry "]), "who": pa.array(["s"])})
    pa.parquet.write_table(table, tmp_path / "train.parquet")
    with pytest.raises(CorpusError, match="name it with the reader option audio=<column>"):
        list(read_hugging_face(tmp_path))
    (row,) = read_hugging_face(tmp_path, audio="sound", label="mood", speaker="who")
    assert (row.label, row.speaker) == ("Angry", "s")
    assert row.audio == TableCell(tmp_path / "train.parquet", 0, "sound")
    with pytest.raises(CorpusError, match="has no column modd, but sound, mood, who"):
        list(read_hugging_face(tmp_path, audio="sound", label="modd"))


def test_what_is_no_dataset(tmp_path):
    with pytest.raises(CorpusError, match="neither Arrow nor Parquet files"):
        list(read_hugging_face(tmp_path))
    write(tmp_path, "a.parquet", "broken")
    write(tmp_path, "b.arrow", "broken")
    assert reasons(read_hugging_face(tmp_path)) == {"a.parquet": "unreadable_table", "b.arrow": "unreadable_table"}


def test_a_file_cut_short_loses_its_own_rows(saved):
    whole = saved / "train" / "data-00000-of-00002.arrow"
    whole.write_bytes(whole.read_bytes()[:2000])
    rows, skips = split_kinds(read_hugging_face(saved))
    assert [row.transcript for row in rows] == ["d", "e"]
    assert [skip.reason for skip in skips] == ["unreadable_table"]


def test_without_pyarrow_the_extra_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    write(tmp_path, "train.parquet", "")
    with pytest.raises(CorpusError, match=r"c2ser_lightning\[hf\]"):
        list(read_hugging_face(tmp_path))
