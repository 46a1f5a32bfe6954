import json

import pytest

from c2ser_lightning.emotions import harmonise, harmonise_votes
from tests.tools.corpora.miniature import reasons, split_kinds, touch, write
from tools.corpora import READERS, CorpusError

CONSENSUS = """FileName,EmoClass,EmoAct,EmoVal,EmoDom,SpkrID,Gender,Split_Set
{p}_0001_0008.wav,N,2.2,4.0,2.6,30,Male,Test1
{p}_0001_0009.wav,U,3.7,3.5,3.7,39,Female,Train
{p}_0001_0010.wav,X,3.7,3.5,3.7,Unknown,Unknown,Development
{p}_0001_0011.wav,,3.7,3.5,3.7,39,Female,Test3
{p}_0001_0012.wav,H,3.7,3.5,3.7,39,Female,Somewhere
"""
DETAILED = """FileName,Worker,EmoClass_Major,EmoClass_Second
{p}_0001_0008.wav,W1,Neutral,"Neutral,Concerned"
{p}_0001_0008.wav,W2,Happy,Happy
{p}_0001_0008.wav,W3,Other-sarcastic,
{p}_0001_0008.wav,W4,Neutral,
"""
ONE_LINE = """FileName,EmoDetail
{p}_0001_0008.wav,"WORKER00000325; Neutral; Neutral,Concerned; A:3.0; V:4.0; D:4.0;"
{p}_0001_0008.wav,"WORKER00000326; Happy; ; A:3.0; V:4.0; D:4.0;"
"""
CORPORA = (("msp_podcast", "MSP-PODCAST", "en"), ("biic_podcast", "BIIC-PODCAST", "zh"))


def corpus(folder, prefix):
    write(folder, "Labels/labels_consensus.csv", CONSENSUS.format(p=prefix))
    write(folder, "Labels/labels_detailed.csv", DETAILED.format(p=prefix))
    write(folder, f"Transcripts/{prefix}_0001_0008.txt", " so I went\n home ")
    return touch(folder, f"Audios/{prefix}_0001_0008.wav")


@pytest.mark.parametrize(("name", "prefix", "language"), CORPORA)
def test_official_partitions_words_and_votes(tmp_path, name, prefix, language):
    rows, skips = split_kinds(READERS[name](corpus(tmp_path, prefix)))
    assert [(row.split, harmonise(row.label, row.corpus)) for row in rows] == [
        ("test", "neutral"),
        ("train", "surprise"),
        ("dev", None),
    ]
    first = rows[0]
    assert first.audio == tmp_path / f"Audios/{prefix}_0001_0008.wav"
    assert (first.key, first.transcript, first.language) == (f"{prefix}_0001_0008", "so I went home", language)
    assert (first.gender, rows[2].gender) == ("male", "")
    assert first.votes == {"Neutral": 2, "Happy": 1, "Other": 1}
    assert harmonise_votes(first.votes, first.corpus) == {"happiness": 1, "neutral": 2, "other": 1}
    assert [(skip.key[-4:], skip.reason) for skip in skips] == [
        ("0011", "label_not_published"),
        ("0012", "unknown_split"),
    ]


def test_votes_of_other_releases(tmp_path):
    folder = corpus(tmp_path, "MSP-PODCAST")
    write(folder, "Labels/labels_detailed.csv", ONE_LINE.format(p="MSP-PODCAST"))
    assert split_kinds(READERS["msp_podcast"](folder))[0][0].votes == {"Neutral": 1, "Happy": 1}
    (folder / "Labels/labels_detailed.csv").unlink()
    workers = {"WORKER1": {"EmoClass_Major": "Sad"}, "WORKER2": {"EmoClass_Major": "Sad"}}
    write(folder, "Labels/labels_detailed.json", json.dumps({"MSP-PODCAST_0001_0008.wav": workers}))
    assert split_kinds(READERS["msp_podcast"](folder))[0][0].votes == {"Sad": 2}


def test_some_partitions_alone(tmp_path):
    folder = corpus(tmp_path, "MSP-PODCAST")
    rows, skips = split_kinds(READERS["msp_podcast"](folder, partitions="Train+test1"))
    assert {row.split for row in rows} == {"train", "test"}
    assert {skip.reason for skip in skips} == {"other_partition"}


def test_not_the_corpus(tmp_path):
    with pytest.raises(CorpusError, match=r"is not MSP-Podcast: it holds none of Labels/labels_consensus\.csv"):
        list(READERS["msp_podcast"](tmp_path))
    folder = corpus(tmp_path, "MSP-PODCAST")
    write(folder, "Labels/labels_detailed.csv", "FileName,Other\na.wav,b\n")
    with pytest.raises(CorpusError, match="neither a column 'EmoClass_Major' nor 'EmoDetail'"):
        list(READERS["msp_podcast"](folder))


def test_a_row_without_a_name_loses_only_itself(tmp_path):
    write(tmp_path, "Labels/labels_consensus.csv", "FileName,EmoClass,Split_Set\n,N,Train\nb.wav,N,Train\n")
    assert reasons(READERS["biic_podcast"](tmp_path)) == {"row 2": "no_file_named"}
