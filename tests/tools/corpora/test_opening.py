import argparse

import pytest

from tests.tools.corpora.miniature import split_kinds, touch, write
from tools.corpora import READERS, CorpusError, corpus_name, open_corpus


@pytest.mark.parametrize(
    ("text", "name"), [("MSP-Podcast", "msp_podcast"), ("emo-db", "emodb"), ("CREMA D", "crema_d")]
)
def test_names_in_any_spelling(text, name):
    assert corpus_name(text) == name


def test_all_readers_are_there():
    assert len(READERS) == 23


def test_an_unknown_name_suggests_the_nearest():
    with pytest.raises(argparse.ArgumentTypeError, match=r"did you mean 'emovdb'\? known: asvp_esd, "):
        corpus_name("emvdb")


@pytest.fixture
def emovo(tmp_path):
    return touch(tmp_path, "f1/gio-f1-b1.wav", "m1/rab-m1-b1.wav", "m1/take.wav")


@pytest.mark.parametrize(("choice", "split"), [("official", "test"), ("train", "train"), ("speakers", "")])
def test_the_split_can_be_chosen(emovo, choice, split):
    rows, skips = split_kinds(open_corpus("emovo", emovo, [f"split={choice}"]))
    assert {row.split for row in rows} == {split}
    assert len(skips) == 1


def test_labels_can_be_renamed_before_they_are_harmonised(tmp_path):
    write(tmp_path, "manifest.csv", "file,emotion\na.wav,0\nb.wav,1\nc.wav,sad\n")
    rows, _ = split_kinds(open_corpus("csv", tmp_path, ["relabel=0:anger, 1:"]))
    assert [row.label for row in rows] == ["anger", "", "sad"]


def test_wrong_options_are_found_before_the_corpus_is_read(tmp_path):
    with pytest.raises(CorpusError, match="did you mean 'held_out'"):
        open_corpus("esd", tmp_path, ["heldout=paper"])
    with pytest.raises(CorpusError, match="'0' is not old:new"):
        open_corpus("csv", tmp_path, ["relabel=0"])
