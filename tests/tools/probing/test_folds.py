"""Folds made here, and validation drawn from train."""

import pytest

from c2ser_lightning.data.ledger import Ledger
from tests.shards import write_split
from tests.tools.probing.corpus import session, write_emobox
from tools.corpora.base import CorpusError
from tools.probing.corpora import read_corpus
from tools.probing.folds import leave_one_session_out, leave_speakers_out
from tools.probing.settings import CorpusSettings
from tools.probing.utterances import FileSound, Utterance, split_validation


def utterances(count: int, labels: tuple[str, ...] = ("a", "b", "c")) -> list[Utterance]:
    return [
        Utterance(f"Ses{1 + n % 5:02d}_{n:03d}", labels[n % len(labels)], 1.0, FileSound(f"{n}.wav"), f"s{n % 8}")
        for n in range(count)
    ]


def test_five_sessions_are_each_left_out_once():
    folds = leave_one_session_out(utterances(50))
    assert [fold.name for fold in folds] == [f"session {number}" for number in range(1, 6)]
    for number, fold in enumerate(folds, start=1):
        assert {one.key[:5] for one in fold.test} == {f"Ses{number:02d}"}
        assert f"Ses{number:02d}" not in {one.key[:5] for one in fold.train}
        assert len(fold.train) + len(fold.test) == 50


def test_speakers_are_heard_in_one_part_only():
    folds = leave_speakers_out(utterances(48), 3)
    tested = [{one.speaker for one in fold.test} for fold in folds]
    assert sorted(map(len, tested)) == [2, 3, 3]
    assert set.union(*tested) == {f"s{number}" for number in range(8)}
    for fold, speakers in zip(folds, tested, strict=True):
        assert not speakers & {one.speaker for one in fold.train}


def test_folds_that_cannot_be_made_are_refused():
    with pytest.raises(CorpusError, match="no session number"):
        leave_one_session_out([Utterance("x", "a", 1.0, FileSound("x.wav"))])
    with pytest.raises(CorpusError, match="only one session"):
        leave_one_session_out([Utterance("Ses01_x", "a", 1.0, FileSound("x.wav"))])
    with pytest.raises(CorpusError, match="9 folds need"):
        leave_speakers_out(utterances(48), 9)


def test_a_fifth_of_each_label_becomes_validation_whatever_the_order():
    everything = utterances(100, ("a", "b", "c", "c"))
    train, validation = split_validation(everything, 0.2, seed=0)
    assert {label: sum(one.label == label for one in validation) for label in "abc"} == {"a": 5, "b": 5, "c": 10}
    assert {one.key for one in train} | {one.key for one in validation} == {one.key for one in everything}
    assert not {one.key for one in train} & {one.key for one in validation}
    _, shuffled = split_validation(everything[::-1], 0.2, seed=0)
    assert {one.key for one in shuffled} == {one.key for one in validation}
    _, reseeded = split_validation(everything, 0.2, seed=1)
    assert {one.key for one in reseeded} != {one.key for one in validation}


def test_a_label_with_one_utterance_stays_in_train():
    train, validation = split_validation(utterances(3), 0.5, seed=0)
    assert len(train) == 3
    assert not validation


def test_emobox_lists_are_pooled_for_sessions_and_harmonised_on_request(tmp_path):
    folder = write_emobox(tmp_path / "toy", {number: session(number, 6) for number in (1, 2, 3)})
    settings = CorpusSettings("toy", str(folder), str(tmp_path), folds="leave_one_session_out", labels="seven")
    corpus = read_corpus(settings, Ledger())
    assert corpus.labels == ("anger", "happiness", "neutral")
    assert corpus.listed == {f"session {number}": 6 for number in (1, 2, 3)}


def test_labels_without_a_home_among_the_seven_are_named(tmp_path):
    folder = write_emobox(tmp_path / "toy", {number: session(number, 6) for number in (1, 2)})
    (folder / "label_map.json").write_text('{"ang": "Angry", "hap": "Sleepy", "neu": "Boredom", "x": "Sad"}')
    ledger = Ledger()
    with pytest.raises(CorpusError, match="needs two"):
        read_corpus(CorpusSettings("toy", str(folder), str(tmp_path), labels="seven"), ledger)
    assert set(ledger.counts()) == {"outside_label_set"}


def test_shards_are_a_corpus_with_their_splits_or_with_speakers_left_out(tmp_path):
    for split, count in (("train", 14), ("dev", 7), ("test", 7)):
        write_split(tmp_path / "toy", split, [0.3] * count)
    corpus = read_corpus(CorpusSettings("toy", shards=str(tmp_path / "toy")), Ledger())
    assert [len(part) for part in corpus.folds[0].parts.values()] == [14, 7, 7]
    assert len(corpus.utterances()) == 28  # the splits of these shards use the same keys
    settings = CorpusSettings("toy", shards=str(tmp_path / "toy"), folds="leave_speakers_out", speaker_folds=3)
    folds = read_corpus(settings, Ledger()).folds
    assert [fold.name for fold in folds] == [f"speakers speaker{n} to speaker{n}" for n in range(3)]
    assert sum(len(fold.test) for fold in folds) == 28


def test_settings_that_say_two_things_or_nothing_are_refused():
    for wrong, said in (
        ({}, "either emobox"),
        ({"emobox": "a", "shards": "b"}, "either emobox"),
        ({"emobox": "a"}, "need audio"),
        ({"emobox": "a", "audio": "b", "folds": "leave_speakers_out"}, "name no speakers"),
    ):
        with pytest.raises(ValueError, match=said):
            CorpusSettings("x", **wrong)
