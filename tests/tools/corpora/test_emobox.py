import json
from collections import Counter

import pytest

from c2ser_lightning.emotions import harmonise
from tests.tools.corpora.miniature import real, reasons, split_kinds, touch, write
from tools.corpora.base import CorpusError
from tools.corpora.emobox import read_emobox


def entry(key, wav, emotion, **more):
    return {
        "key": key,
        "dataset": "x",
        "wav": wav,
        "type": "raw",
        "num_frame": 1.0,
        "length": 1.5,
        "emo": emotion,
        **more,
    }


def lists(folder, dataset, fold, **splits):
    for word, entries in splits.items():
        text = "".join(json.dumps(made) + "\n" for made in entries)
        write(folder, f"data/{dataset}/fold_{fold}/{dataset}_{word}_fold_{fold}.jsonl", text)
    return folder


def test_a_known_corpus_in_a_checkout(tmp_path):
    test = [entry("emovo-gio-f2-b2", "downloads/emovo/f2/gio-f2-b2.wav", "gio")]
    train = [entry("emovo-tri-m3-b1", "downloads/emovo/m3/tri-m3-b1.wav", "tri"), entry("bad", "", "tri")]
    lists(tmp_path, "emovo", 1, train=train, test=[])
    lists(tmp_path, "emovo", 2, train=train, test=test)
    touch(tmp_path, "downloads/emovo/f2/gio-f2-b2.wav")
    rows, skips = split_kinds(read_emobox(tmp_path, dataset="emovo", fold=2))
    assert [(row.key, row.split) for row in rows] == [("emovo-tri-m3-b1", "train"), ("emovo-gio-f2-b2", "test")]
    assert rows[1].audio == tmp_path / "downloads/emovo/f2/gio-f2-b2.wav"
    assert (rows[1].speaker, rows[1].gender, rows[1].language) == ("emovo_f2", "female", "it")
    assert (rows[1].transcript, rows[1].seconds) == ("I vigili sono muniti di pistola.", 1.5)
    assert [(skip.key, skip.reason) for skip in skips] == [("bad", "bad_row")]


def test_an_unknown_corpus_is_read_by_its_label_map(tmp_path):
    lists(tmp_path, "savee", 1, train=[entry("a", "downloads/savee/a.wav", "su")], test=[entry("b", "b.wav", "xx")])
    write(tmp_path, "data/savee/label_map.json", '{"su": "Surprise"}')
    rows, _ = split_kinds(read_emobox(tmp_path / "data" / "savee", audio=tmp_path / "sound", language="en"))
    assert (rows[0].label, rows[1].label) == ("Surprise", "xx")
    assert (rows[0].audio, rows[0].language) == (tmp_path / "sound/a.wav", "en")


def test_audio_is_found_whole_or_below_the_authors_folders(tmp_path):
    lists(tmp_path, "savee", 1, train=[entry("a", "downloads/savee/x/a.wav", "Sad")], test=[entry("b", "b.wav", "Sad")])
    flat, whole = tmp_path / "flat", tmp_path / "whole"
    touch(flat, "x/a.flac")
    touch(whole, "downloads/savee/x/a.wav", "x/a.wav")
    for audio, expected in ((flat, "x/a.flac"), (whole, "downloads/savee/x/a.wav")):
        rows, _ = split_kinds(read_emobox(tmp_path, dataset="savee", audio=audio))
        assert rows[0].audio == audio / expected


def test_lists_as_one_json_object(tmp_path):
    lists(tmp_path, "m3ed", 1, test=[entry("b", "b.wav", "Sad")])
    keyed = {"m3ed-x_1_1": {"wav": "downloads/m3ed/A_x_1_1.wav", "length": 1.0, "emo": "Sad"}}
    write(tmp_path, "data/m3ed/fold_1/m3ed_train_fold_1.json", json.dumps(keyed))
    rows, skips = split_kinds(read_emobox(tmp_path, dataset="m3ed"))
    assert [(row.key, row.split, row.language) for row in rows] == [("m3ed-x_1_1", "train", "zh"), ("b", "test", "zh")]
    assert skips == []


def test_what_is_missing_is_said(tmp_path):
    with pytest.raises(CorpusError, match="holds no fold of EmoBox"):
        list(read_emobox(tmp_path))
    lists(tmp_path, "savee", 1, test=[entry("b", "b.wav", "Sad")])
    with pytest.raises(CorpusError, match="reader option dataset: savee"):
        list(read_emobox(tmp_path))
    with pytest.raises(CorpusError, match="holds fold_1; choose with the reader option fold"):
        list(read_emobox(tmp_path, dataset="savee", fold=3))
    assert reasons(read_emobox(tmp_path, dataset="savee")) == {"savee_train_fold_1.jsonl": "list_missing"}


SIZES = {
    "casia": (4, {"train": 900, "test": 300}),
    "m3ed": (1, {"train": 17_420, "dev": 2_819, "test": 4_198}),
    "meld": (1, {"train": 9_988, "dev": 1_108, "test": 2_610}),
    "emovdb": (1, {"train": 5_168, "test": 1_719}),
    "asvpesd": (1, {"train": 10_477, "test": 3_487}),
    "emovo": (6, {"train": 490, "test": 98}),
    "mesd": (1, {"train": 648, "test": 214}),
    "ravdess": (6, {"train": 1_200, "test": 240}),
}


@pytest.mark.parametrize("dataset", SIZES)
def test_every_published_fold(dataset):
    folds, sizes = SIZES[dataset]
    tested = Counter()
    for fold in range(1, folds + 1):
        rows, skips = split_kinds(read_emobox(real("emobox_folds"), dataset=dataset, fold=fold))
        assert skips == []
        assert Counter(row.split for row in rows) == sizes
        tested.update(row.key for row in rows if row.split == "test")
        for row in rows:
            harmonise(row.label, row.corpus)
    assert set(tested.values()) == {1}, "no utterance is tested in two folds"


def test_the_published_test_folds_of_esd_are_disjoint():
    """Its training lists are not among the shared ones, which the ledger says."""
    keys: set[str] = set()
    for fold in range(1, 6):
        rows, skips = split_kinds(read_emobox(real("emobox_folds"), dataset="esd", fold=fold))
        assert [skip.reason for skip in skips] == ["list_missing"]
        assert (len(rows), len({row.speaker for row in rows})) == (7_000, 4)
        keys |= {row.key for row in rows}
    assert len(keys) == 35_000
