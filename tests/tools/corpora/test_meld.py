from collections import Counter

import pytest

from c2ser_lightning.emotions import harmonise
from tests.tools.corpora.miniature import real, reasons, split_kinds, touch, write
from tools.corpora.base import CorpusError
from tools.corpora.meld import read_meld

HEAD = "Sr No.,Utterance,Speaker,Emotion,Sentiment,Dialogue_ID,Utterance_ID,Season,Episode,StartTime,EndTime\n"
ROW = '{n},"Oh, that’s it.",{who},joy,positive,{d},{u},4,7,"00:20:57,256","00:21:00,049"\n'


@pytest.fixture
def corpus(tmp_path):
    for split, folder in (("train", "train/train_splits"), ("dev", "dev_splits_complete"), ("test", "test")):
        where = "train/" if split == "train" else ""
        rows = ROW.format(n=1, who="Phoebe", d=0, u=0) + ROW.format(n=2, who="The Man", d=0, u=1)
        write(tmp_path, f"{where}{split}_sent_emo.csv", HEAD + rows + ROW.format(n=3, who="Ross", d="", u=2))
        touch(tmp_path, f"{folder}/dia0_utt0.mp4")
    return touch(tmp_path, "train/train_splits/dia0_utt0.wav")


def test_official_layout(corpus):
    rows, _ = split_kinds(read_meld(corpus))
    assert [row.key for row in rows] == [f"{split}_dia0_utt{n}" for split in ("train", "dev", "test") for n in (0, 1)]
    first = rows[0]
    assert first.audio == corpus / "train/train_splits/dia0_utt0.wav", "sound beside the video comes first"
    assert rows[2].audio == corpus / "dev_splits_complete/dia0_utt0.mp4"
    assert (first.transcript, first.speaker, first.gender) == ("Oh, that’s it.", "meld_Phoebe", "female")
    assert (first.split, first.language, harmonise(first.label, first.corpus)) == ("train", "en", "happiness")
    assert first.seconds == pytest.approx(2.793)
    assert rows[1].gender == ""


def test_a_bad_row_and_a_missing_list_are_named(corpus):
    (corpus / "test_sent_emo.csv").unlink()
    assert reasons(read_meld(corpus)) == {
        "train row 4": "bad_row",
        "dev row 4": "bad_row",
        "test_sent_emo": "list_missing",
    }


def test_not_the_corpus(tmp_path):
    with pytest.raises(CorpusError, match=r"is not MELD: it holds no train_sent_emo\.csv"):
        list(read_meld(tmp_path))
    write(tmp_path, "dev_sent_emo.csv", "Utterance,Speaker\nHi,Ross\n")
    with pytest.raises(CorpusError, match="has no column 'Emotion', 'Dialogue_ID', 'Utterance_ID'"):
        list(read_meld(tmp_path))


def test_the_real_lists():
    rows, skips = split_kinds(read_meld(real("meld_annotations")))
    assert skips == []
    assert Counter(row.split for row in rows) == {"train": 9989, "dev": 1109, "test": 2610}
    assert len({row.key for row in rows}) == len(rows)
    counts = {
        split: Counter(harmonise(r.label, r.corpus) for r in rows if r.split == split) for split in ("train", "test")
    }
    assert counts["train"] == {
        "neutral": 4710,
        "happiness": 1743,
        "surprise": 1205,
        "anger": 1109,
        "sadness": 683,
        "disgust": 271,
        "fear": 268,
    }
    assert counts["test"] == {
        "neutral": 1256,
        "happiness": 402,
        "anger": 345,
        "surprise": 281,
        "sadness": 208,
        "disgust": 68,
        "fear": 50,
    }
