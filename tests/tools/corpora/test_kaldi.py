import pytest

from tests.tools.corpora.miniature import speak, split_kinds, write
from tools.corpora.base import CorpusError
from tools.corpora.kaldi import read_kaldi
from tools.corpora.recording import Segment, load_recording


def folder(tmp_path, name=".", scp="", **tables):
    write(tmp_path, f"{name}/wav.scp", scp)
    for table, text in tables.items():
        write(tmp_path, f"{name}/{table}", text)
    return tmp_path / name


def test_whole_files_with_every_table(tmp_path):
    speak(tmp_path / "wav/u.1.wav")
    folder(
        tmp_path,
        scp="u.1 wav/u.1.wav\nu2 /elsewhere/u2.flac\n",
        text="u.1 hello  there\n",
        utt2spk="u.1 s1\nu2 s2\n",
        spk2gender="s1 f\ns2 m\n",
        utt2lang="u2 PL\n",
        utt2emo="u.1 ang\n",
    )
    first, second = split_kinds(read_kaldi(tmp_path, language="de", corpus="IEMOCAP"))[0]
    assert (first.key, first.audio, first.transcript) == ("u-1", tmp_path / "wav/u.1.wav", "hello  there")
    assert (first.speaker, first.gender, first.language, first.label) == ("s1", "female", "de", "ang")
    assert (second.audio.as_posix(), second.language, second.label) == ("/elsewhere/u2.flac", "pl", "")
    assert first.corpus == "IEMOCAP"


def test_segments_are_cut(tmp_path):
    speak(tmp_path / "long.wav", 3.0)
    folder(tmp_path, scp="long long.wav\n", segments="a long 0.5 1.25\nb long 2 -1\nc long one two\nd gone 0 1\n")
    rows, skips = split_kinds(read_kaldi(tmp_path))
    assert [row.audio for row in rows] == [
        Segment(tmp_path / "long.wav", 0.5, 1.25),
        Segment(tmp_path / "long.wav", 2.0),
    ]
    assert [len(load_recording(row.audio)) for row in rows] == [12_000, 16_000]
    assert [(skip.key, skip.reason) for skip in skips] == [("c", "bad_segment"), ("d", "no_file_named")]


def test_split_folders(tmp_path):
    for name in ("train", "valid", "test", "extra"):
        folder(tmp_path, name, scp=f"{name}1 {name}.wav\n")
    rows, _ = split_kinds(read_kaldi(tmp_path))
    assert {row.key: row.split for row in rows} == {"train1": "train", "valid1": "dev", "test1": "test", "extra1": ""}


def test_commands_are_named_and_never_run(tmp_path):
    folder(tmp_path, scp=f"a touch {tmp_path}/ran |\nb b.wav\n")
    rows, skips = split_kinds(read_kaldi(tmp_path))
    assert [(skip.key, skip.reason) for skip in skips] == [("a", "piped_command")]
    assert not (tmp_path / "ran").exists()
    assert [row.key for row in rows] == ["b"]


def test_not_such_a_folder(tmp_path):
    with pytest.raises(CorpusError, match=r"neither wav\.scp nor train/wav\.scp"):
        list(read_kaldi(tmp_path))
