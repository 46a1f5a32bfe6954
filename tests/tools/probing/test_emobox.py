"""EmoBox' lists: every published form is read, what is wrong with a row is named, and no utterance is in two parts."""

import json

import pytest

from c2ser_lightning.data.ledger import Ledger
from tests.tools.probing.corpus import row, session, write_audio, write_emobox, write_lines
from tools.corpora.base import CorpusError
from tools.corpora.emobox_lists import locate
from tools.probing.emobox import read_emobox


@pytest.fixture
def corpus(tmp_path):
    sessions = {number: session(number, 6) for number in (1, 2, 10)}
    (tmp_path / "audio").mkdir()
    return write_emobox(tmp_path / "toy", sessions), tmp_path / "audio"


def test_folds_come_in_order_with_mapped_labels_and_without_unused_ones(corpus):
    folder, audio = corpus
    ledger = Ledger()
    labels, folds = read_emobox(folder, audio, ledger)
    assert labels == ("Angry", "Happy", "Neutral")
    assert [fold.name for fold in folds] == ["fold_1", "fold_2", "fold_10"]
    assert [(len(fold.train), len(fold.test), fold.validation) for fold in folds] == [(12, 6, None)] * 3
    assert folds[0].test[1].label == "Happy"
    assert not len(ledger)


def test_official_validation_objects_by_key_and_times_are_read(corpus):
    folder, audio = corpus
    (folder / "fold_1" / "toy_train_fold_1.jsonl").unlink()
    by_key = {str(item.pop("key")): item for item in session(2, 6)}
    (folder / "fold_1" / "toy_train_fold_1.json").write_text(json.dumps(by_key))
    cut = row(10, 0, "ang", start_time=1.5, end_time=2.0, channel=2)
    write_lines(folder / "fold_1" / "toy_valid_fold_1.jsonl", [cut])
    _, folds = read_emobox(folder, audio, Ledger())
    assert len(folds[0].train) == 6
    (validation,) = folds[0].validation
    assert (validation.sound.channel, validation.sound.span) == (2, (1.5, 2.0))


def test_without_train_lists_the_other_folds_tests_stand_in_if_they_are_disjoint(corpus):
    folder, audio = corpus
    for number in (1, 2, 10):
        (folder / f"fold_{number}" / f"toy_train_fold_{number}.jsonl").unlink()
    _, folds = read_emobox(folder, audio, Ledger())
    assert {one.key for one in folds[0].train} == {one.key for fold in folds[1:] for one in fold.test}
    write_lines(folder / "fold_2" / "toy_test_fold_2.jsonl", session(1, 6))
    with pytest.raises(CorpusError, match="share utterances"):
        read_emobox(folder, audio, Ledger())


def test_every_unusable_row_is_named_and_the_rest_is_kept(corpus):
    folder, audio = corpus
    path = folder / "fold_1" / "toy_test_fold_1.jsonl"
    good = row(1, 0, "ang")
    bad = [
        {**row(1, 1, "ang"), "wav": ""},
        row(1, 2, "joyful"),
        row(1, 3, "ang", channel="left"),
        good,
    ]
    write_lines(path, [good, *bad])
    path.write_text(path.read_text() + "{not json\n[1]\n")
    ledger = Ledger()
    _, folds = read_emobox(folder, audio, ledger)
    assert [one.key for one in folds[0].test] == [good["key"]]
    assert ledger.counts() == {"bad_row": 2, "not_json": 2, "unknown_label": 1, "duplicate_key": 1}
    assert any("line 3" in skip.source for skip in ledger.skips if skip.reason == "unknown_label")


def test_what_is_in_test_is_taken_out_of_train(corpus):
    folder, audio = corpus
    write_lines(folder / "fold_1" / "toy_train_fold_1.jsonl", session(2, 6) + session(1, 2))
    ledger = Ledger()
    _, folds = read_emobox(folder, audio, ledger)
    assert not {one.key for one in folds[0].train} & {one.key for one in folds[0].test}
    assert ledger.counts() == {"leak": 2}


@pytest.mark.parametrize(
    ("there", "suffix"),
    [
        ("downloads/toy/Session1/a.wav", ".wav"),
        ("toy/Session1/a.wav", ".wav"),
        ("Session1/a.wav", ".wav"),
        ("a.wav", ".flac"),
    ],
)
def test_audio_is_found_under_shortened_paths_and_lossless_suffixes(there, suffix, tmp_path):
    path = (tmp_path / there).with_suffix(suffix)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    assert locate(tmp_path, "downloads/toy/Session1/a.wav") == path


def test_missing_audio_is_told_by_its_likely_place(tmp_path):
    assert locate(tmp_path, "downloads/toy/Session1/a.mp4") == tmp_path / "Session1" / "a.mp4"


def test_two_utterances_that_lead_to_one_file_stop_the_table(corpus):
    folder, audio = corpus
    rows = [row(1, 0, "ang", wav="downloads/toy/anna/1.wav"), row(1, 1, "hap", wav="downloads/toy/ben/1.wav")]
    write_lines(folder / "fold_1" / "toy_test_fold_1.jsonl", rows)
    (audio / "1.wav").touch()
    with pytest.raises(CorpusError, match="lead to the same file"):
        read_emobox(folder, audio, Ledger())


def test_missing_folders_maps_and_lists_are_named(corpus, tmp_path):
    folder, audio = corpus
    for arguments, said in (
        ((tmp_path / "nowhere", audio), "no EmoBox corpus folder"),
        ((folder, tmp_path / "nowhere"), "no audio folder"),
        ((audio, audio), r"label_map\.json"),
    ):
        with pytest.raises(CorpusError, match=said):
            read_emobox(*arguments, Ledger())
    (folder / "fold_1" / "toy_test_fold_1.jsonl").unlink()
    with pytest.raises(CorpusError, match="no test list"):
        read_emobox(folder, audio, Ledger())


def test_the_audio_helper_writes_what_the_lists_name(corpus):
    folder, audio = corpus
    write_audio(audio, session(1, 6), ".flac")
    _, folds = read_emobox(folder, audio, Ledger())
    assert all(one.sound.path.is_file() for one in folds[0].test)
