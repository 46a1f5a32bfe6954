import pytest

from c2ser_lightning.emotions import harmonise
from tests.tools.corpora.miniature import real, split_kinds
from tools.corpora.base import CorpusError
from tools.corpora.ravdess import read_ravdess


def official(folder, *names):
    for name in names:
        path = folder / f"Actor_{name[-2:]}" / f"{name}.wav"
        path.parent.mkdir(exist_ok=True)
        path.touch()
    return list(read_ravdess(folder))


def test_file_name_is_decoded(tmp_path):
    (row,) = official(tmp_path, "03-01-06-01-02-01-12")
    assert (row.label, row.transcript) == ("fearful", "Dogs are sitting by the door.")
    assert (row.speaker, row.gender, row.language, row.split) == ("ravdess_12", "female", "en", "train")
    assert row.key == "03-01-06-01-02-01-12"


@pytest.mark.parametrize(
    ("code", "label"),
    [("01", "neutral"), ("02", "calm"), ("03", "happy"), ("04", "sad"), ("05", "angry"), ("07", "disgust")],
)
def test_labels(tmp_path, code, label):
    assert official(tmp_path, f"03-01-{code}-01-01-01-01")[0].label == label


def test_splits_are_by_actor_and_both_sexes_are_held_out(tmp_path):
    rows = official(tmp_path, *(f"03-01-05-01-01-01-{actor:02d}" for actor in range(1, 25)))
    held_out = {row.split: set() for row in rows}
    for row in rows:
        held_out[row.split].add(row.gender)
    assert {split: sum(row.split == split for row in rows) for split in held_out} == {"train": 20, "dev": 2, "test": 2}
    assert held_out["dev"] == held_out["test"] == {"female", "male"}


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("03-01-09-01-01-01-01", "unknown_file_name"),
        ("take one 01", "unknown_file_name"),
        ("03-02-05-01-01-01-01", "not_speech"),
        ("01-01-05-01-01-01-01", "not_speech"),
    ],
)
def test_other_files_are_named(tmp_path, name, reason):
    skip, row = sorted(official(tmp_path, name, "03-01-05-01-01-01-02"), key=lambda item: item.key.endswith("-02"))
    assert skip.reason == reason
    assert row.label == "angry"


def test_a_folder_with_a_manifest_is_read_by_it(tmp_path):
    (tmp_path / "manifest.csv").write_text("file,emotion,split\naudio/x.flac,calm,test\n")
    (row,) = read_ravdess(tmp_path)
    assert (row.key, row.label, row.split) == ("x", "calm", "test")


@pytest.mark.parametrize("name", ["", "missing"])
def test_not_the_corpus(tmp_path, name):
    with pytest.raises(CorpusError, match="Actor_"):
        list(read_ravdess(tmp_path / name))


def test_real_speech_by_manifest_and_by_file_names():
    """The names decoded here say what the manifest, written by others, says."""
    folder = real("ravdess_en")
    listed, _ = split_kinds(read_ravdess(folder))
    named, skips = split_kinds(read_ravdess(folder / "audio"))
    assert skips == []
    assert len(named) == 959
    said, given = ({row.key: facts(row) for row in rows} for rows in (named, listed))
    assert said == given


def facts(row):
    emotion = row.label if row.label == "calm" else harmonise(row.label)
    return emotion, row.speaker, row.gender, row.language, row.transcript
