import json
from collections import Counter

import pytest

from c2ser_lightning.emotions import harmonise
from tests.tools.corpora.miniature import real, split_kinds, touch, write
from tools.corpora.base import CorpusError
from tools.corpora.m3ed import read_m3ed


def utterance(speaker, main, *votes):
    emotions = {f"EmoAnnotator{n}": vote for n, vote in enumerate(votes, 1)}
    emotions |= {"final_mul_emo": main, "final_main_emo": main}
    times = {"StartTime": "00:00:00:01", "EndTime": "00:00:01:03"}
    return {**times, "Text": "钟点工阿姨", "Speaker": speaker, "EmoAnnotation": emotions}


def corpus(folder, annotation, **lists):
    write(folder, "annotation.json", json.dumps(annotation))
    for name in ("train", "val", "test"):
        write(folder, f"splitInfo/movie_list_{name}.txt", "\n".join(lists.get(name, ())))
    return folder


def test_official_layout(tmp_path):
    people = {"A": {"Name": "fanbing", "Age": "young", "Gender": "female"}}
    dialogue = {
        "SpeakerInfo": people,
        "Dialog": {
            "anjia_1_1": utterance("A", "Neutral", "Neutral", "Neutral", "Happy"),
            "anjia_1_2": utterance("B", "Surprise", "Surprise", "Fear", "Sad"),
            "anjia_1_3": {"Text": "?"},
        },
    }
    unlisted = {"x_1": {"Dialog": {"x_1_1": utterance("A", "Sad", "Sad")}}}
    corpus(tmp_path, {"anjia": {"anjia_1": dialogue}, "x": unlisted}, val=["anjia"])
    touch(tmp_path, "modality_speech/A_anjia_1_1.wav")
    rows, skips = split_kinds(read_m3ed(tmp_path))
    first, second = rows
    assert first.audio == tmp_path / "modality_speech/A_anjia_1_1.wav"
    assert (first.speaker, first.gender, first.split) == ("anjia_fanbing", "female", "dev")
    assert (first.votes, first.transcript) == ({"Neutral": 2, "Happy": 1}, "钟点工阿姨")
    assert (second.speaker, second.gender, second.label) == ("anjia_B", "", "Surprise")
    assert [(skip.key, skip.reason) for skip in skips] == [("anjia_1_3", "bad_row"), ("x", "unknown_split")]


def test_not_the_corpus(tmp_path):
    with pytest.raises(CorpusError, match="is not M3ED"):
        list(read_m3ed(tmp_path))
    write(tmp_path, "annotation.json", "{}")
    with pytest.raises(CorpusError, match=r"splitInfo/movie_list_train\.txt"):
        list(read_m3ed(tmp_path))
    write(corpus(tmp_path, {}), "annotation.json", "{")
    with pytest.raises(CorpusError, match="is not JSON"):
        list(read_m3ed(tmp_path))


def test_every_published_clip_has_the_published_name_and_label(tmp_path):
    """The annotation is rebuilt from EmoBox' lists, whose paths are the official clips."""
    folder = real("emobox_folds") / "m3ed" / "fold_1"
    entries = list(json.loads((folder / "m3ed_train_fold_1.json").read_text()).values())
    wavs = {entry["wav"].rpartition("/")[2]: entry["emo"] for entry in entries}
    annotation: dict = {}
    for name, emotion in wavs.items():
        speaker, _, key = name.removesuffix(".wav").partition("_")
        series = key.split("_")[0]
        dialog = annotation.setdefault(series, {}).setdefault("d", {"Dialog": {}})
        dialog["Dialog"][key] = utterance(speaker, emotion, emotion)
    rows, skips = split_kinds(read_m3ed(corpus(tmp_path, annotation, train=list(annotation))))
    assert (len(rows), skips) == (17_420, [])
    assert {row.audio.name for row in rows} == wavs.keys()
    assert Counter(harmonise(r.label, r.corpus) for r in rows) == Counter(
        harmonise(emotion) for emotion in wavs.values()
    )
