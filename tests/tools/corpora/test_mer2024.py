import pytest

from c2ser_lightning.emotions import harmonise
from tests.tools.corpora.miniature import reasons, split_kinds, touch, write
from tools.corpora.base import CorpusError
from tools.corpora.mer2024 import read_mer2024


def test_official_layout(tmp_path):
    table = "name,discrete,valence\nsample_00000000,happy,1.5\nsample_00000002,worried,-2\n,sad,0\n"
    write(tmp_path, "mer2024-dataset/label-disdim.csv", table)
    write(tmp_path, "mer2024-dataset/label-transcription.csv", "name,chinese,english\nsample_00000000,你好。,Hello.\n")
    touch(tmp_path, "mer2024-dataset/video-labeled/sample_00000000.mp4", "mer2024-dataset/audio/sample_00000000.wav")
    rows, skips = split_kinds(read_mer2024(tmp_path))
    assert [harmonise(row.label, row.corpus) for row in rows] == ["happiness", None]
    assert (rows[0].transcript, rows[0].language, rows[0].split) == ("你好。", "zh", "train")
    assert rows[0].audio == tmp_path / "mer2024-dataset/audio/sample_00000000.wav"
    assert [(skip.key, skip.reason) for skip in skips] == [("row 4", "no_file_named")]


def test_clips_that_are_videos(tmp_path):
    write(tmp_path, "label-disdim.csv", "name,discrete\nsample_00000000,happy\n")
    touch(tmp_path, "video-labeled/sample_00000000.avi")
    assert split_kinds(read_mer2024(tmp_path))[0][0].audio == tmp_path / "video-labeled/sample_00000000.avi"
    assert reasons(read_mer2024(tmp_path)) == {}


def test_not_the_corpus(tmp_path):
    with pytest.raises(CorpusError, match=r"is not MER2024: it holds none of label-disdim\.csv"):
        list(read_mer2024(tmp_path))
