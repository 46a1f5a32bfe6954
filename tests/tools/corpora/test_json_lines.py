import json

import pytest

from tests.tools.corpora.miniature import split_kinds, write
from tools.corpora.base import CorpusError
from tools.corpora.json_lines import read_json_lines
from tools.corpora.recording import Segment


def lines(*entries):
    return "".join(json.dumps(entry, ensure_ascii=False) + "\n" for entry in entries)


def test_fields_of_several_tools(tmp_path):
    ours = {"file": "a/1.wav", "emotion": "sad", "corpus": "IEMOCAP", "votes": {"sad": 2, "xxx": 1}, "split": "dev"}
    nemo = {"audio_filepath": "b/1.wav", "label": "joy", "txt": "Tak.", "lang": "PL", "offset": 1.5, "duration": 2}
    write(tmp_path, "manifest.jsonl", lines(ours, nemo))
    first, second = split_kinds(read_json_lines(tmp_path))[0]
    assert (first.key, first.audio, first.votes, first.split) == (
        "a_1",
        tmp_path / "a/1.wav",
        {"sad": 2, "xxx": 1},
        "dev",
    )
    assert (second.audio, second.key) == (Segment(tmp_path / "b/1.wav", 1.5, 3.5), "b_1_1-5")
    assert (second.label, second.transcript, second.language) == ("joy", "Tak.", "pl")
    assert second.corpus == tmp_path.name


def test_a_bad_line_loses_only_itself(tmp_path):
    good = {"wav": "a.wav", "emo": "sad"}
    bad = [{"emo": "sad"}, good | {"id": "v", "votes": ["sad"]}, good | {"id": "s", "start": "soon"}]
    bad += [good | {"id": "e", "start": 3, "end": 2}, good | {"id": "p", "split": "trian"}]
    path = write(tmp_path, "list.jsonl", lines(good, *bad) + "{\n[1]\n\n")
    rows, skips = split_kinds(read_json_lines(path))
    assert [row.key for row in rows] == ["a"]
    assert [(skip.key, skip.reason) for skip in skips] == [
        ("line 2", "no_file_named"),
        ("v", "bad_votes"),
        ("s", "bad_segment"),
        ("e", "bad_segment"),
        ("p", "unknown_split"),
        ("line 7", "not_json"),
        ("line 8", "not_json"),
    ]
    assert skips[0].source == f"{path}, line 2"


def test_missing_and_empty_lists(tmp_path):
    with pytest.raises(CorpusError, match=r"no list .*manifest\.jsonl"):
        list(read_json_lines(tmp_path))
    write(tmp_path, "manifest.jsonl", "\n")
    with pytest.raises(CorpusError, match="lists no utterance"):
        list(read_json_lines(tmp_path))
