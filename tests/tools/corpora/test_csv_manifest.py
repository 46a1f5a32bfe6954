import pytest

from c2ser_lightning.data.ledger import Skip
from tools.corpora.base import CorpusError, ManifestRow
from tools.corpora.csv_manifest import read_csv_manifest
from tools.corpora.recording import Segment


def manifest(folder, text, encoding="utf-8"):
    path = folder / "manifest.csv"
    path.write_bytes(text.encode(encoding))
    return path


def test_two_columns_are_enough(tmp_path):
    (row,) = read_csv_manifest(manifest(tmp_path, "file,emotion\na.wav,angry\n"))
    assert row == ManifestRow(
        "a", tmp_path / "a.wav", "angry", tmp_path.name, "unknown", "", "en", "", "", f"{tmp_path}/manifest.csv, row 2"
    )


def test_every_column_is_read_from_a_folder_with_bom_and_spaces(tmp_path):
    head = "file,corpus,speaker,gender,emotion,language,text,split,other\n"
    manifest(tmp_path, head + 'x/a.wav,C,s1,female, sad ,PL,"Tak, jest.",dev,1\n', "utf-8-sig")
    (row,) = read_csv_manifest(tmp_path)
    assert (row.corpus, row.speaker, row.gender, row.label) == ("C", "s1", "female", "sad")
    assert (row.language, row.transcript, row.split) == ("pl", "Tak, jest.", "dev")


def test_files_of_the_same_name_in_two_folders_have_two_keys(tmp_path):
    rows = read_csv_manifest(manifest(tmp_path, "file,emotion\nwav/s1/1.wav,sad\nwav/s2/1.wav,sad\n"))
    assert [row.key for row in rows] == ["s1_1", "s2_1"]


@pytest.mark.parametrize("folder", ["", "audio/", "/data/audio/", "../there/"])
def test_the_shared_folder_is_no_part_of_a_key(tmp_path, folder):
    rows = read_csv_manifest(manifest(tmp_path, f"file,emotion\n{folder}a.1.wav,sad\n{folder}b.wav,sad\n"))
    assert [row.key for row in rows] == ["a-1", "b"]


def test_bad_rows_are_named_and_the_others_stay(tmp_path):
    text = "file,emotion,split\na.wav,sad,train\n,sad,train\nb.wav,sad,training\nc.wav,sad\n"
    first, nameless, split, short = read_csv_manifest(manifest(tmp_path, text))
    assert (first.key, short.key, short.split) == ("a", "c", "")
    assert isinstance(nameless, Skip)
    assert (nameless.reason, nameless.key) == ("no_file_named", "row 3")
    assert (split.reason, split.key) == ("unknown_split", "b")
    assert "train, dev, test" in split.detail
    assert split.source.endswith("row 4")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "has no column 'file', 'emotion'; its first line holds: nothing"),
        (b"file,label\na.wav,sad\n", "has no column 'emotion'; its first line holds: file, label"),
        (b"file,emotion\n", "lists no utterance"),
        ("file,emotion\nä.wav,sad\n".encode("latin-1"), "is not UTF-8"),
    ],
)
def test_unusable_manifests_say_why(tmp_path, content, message):
    (tmp_path / "manifest.csv").write_bytes(content)
    with pytest.raises(CorpusError, match=message):
        list(read_csv_manifest(tmp_path))


def test_missing_manifest(tmp_path):
    with pytest.raises(CorpusError, match=r"no manifest .*nowhere"):
        list(read_csv_manifest(tmp_path / "nowhere"))


def test_stretches_of_one_file_have_keys_of_their_own(tmp_path):
    text = "file,emotion,start,end,key\na.wav,sad,0.5,2,\na.wav,sad,2,,\na.wav,sad,3,4,mine\na.wav,sad,5,4,\n"
    *rows, skip = read_csv_manifest(manifest(tmp_path, text))
    assert [row.key for row in rows] == ["a_0-5", "a_2", "mine"]
    assert [row.audio for row in rows[:2]] == [Segment(tmp_path / "a.wav", 0.5, 2.0), Segment(tmp_path / "a.wav", 2.0)]
    assert (skip.key, skip.reason) == ("a_5", "bad_segment")
