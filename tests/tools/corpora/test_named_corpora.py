"""Corpora whose file names say everything: on miniatures, and on every real file name that EmoBox publishes."""

import json
from collections import Counter
from pathlib import Path

import pytest

from c2ser_lightning.emotions import harmonise
from tests.tools.corpora.miniature import real, reasons, split_kinds, touch, write
from tools.corpora import READERS, CorpusError
from tools.corpora.emobox import NAMED

FACTS = ("label", "speaker", "gender", "language", "transcript", "split")
CASES = {
    "casia": ("wangzhe/neutral/239.wav", ("neutral", "casia_wangzhe", "", "zh", "", "test")),
    "emovo": ("f2/gio-f2-b2.wav", ("gio", "emovo_f2", "female", "it", "I vigili sono muniti di pistola.", "test")),
    "mesd": ("MESD/Anger_M_A_por_favor.wav", ("Anger", "mesd_M", "male", "es", "por favor", "test")),
    "emodb": (
        "wav/16a01Wb.wav",
        ("W", "emodb_16", "female", "de", "Der Lappen liegt auf dem Eisschrank.", ""),
    ),
    "emovdb": ("josh_Amused/amused_141_168_0154.wav", ("Amused", "emovdb_josh", "male", "en", "", "test")),
    "asvp_esd": (
        "Audio/actor_106/03-01-09-01-02-106-02-02-02-19-66.wav",
        ("09", "asvp_esd_106", "male", "en", "", "test"),
    ),
    "crema_d": ("AudioWAV/1001_DFA_ANG_XX.wav", ("ANG", "cremad_1001", "", "en", "Don't forget a jacket.", "")),
    "esd": ("ESD/0011/Angry/0011_000351.wav", ("Angry", "esd_0011", "male", "en", "", "train")),
    "ravdess": (
        "Actor_12/03-01-06-01-02-01-12.flac",
        ("fearful", "ravdess_12", "female", "en", "Dogs are sitting by the door.", "train"),
    ),
}


@pytest.mark.parametrize("corpus", CASES)
def test_a_file_name_is_decoded(tmp_path, corpus):
    name, facts = CASES[corpus]
    touch(tmp_path, name, "__MACOSX/._" + Path(name).name, Path(name).parent.as_posix() + "/._hidden.wav")
    ((row,), skips) = split_kinds(READERS[corpus](tmp_path))
    assert tuple(getattr(row, fact) for fact in FACTS) == facts
    assert row.audio == tmp_path / name
    assert skips == []
    assert harmonise(row.label, row.corpus) is not None


@pytest.mark.parametrize("corpus", CASES)
def test_a_strange_file_loses_only_itself(tmp_path, corpus):
    touch(tmp_path, CASES[corpus][0], Path(CASES[corpus][0]).parent.as_posix() + "/take one.wav")
    rows, skips = split_kinds(READERS[corpus](tmp_path))
    assert len(rows) == 1
    assert [(skip.key, skip.reason) for skip in skips] == [("take one", "unknown_file_name")]


@pytest.mark.parametrize("corpus", CASES)
def test_another_folder_says_what_was_expected(tmp_path, corpus):
    touch(tmp_path, "other/speech.wav")
    with pytest.raises(CorpusError, match=r"1 sound files, none named as in"):
        list(READERS[corpus](tmp_path))
    with pytest.raises(CorpusError, match=r"no folder .*nowhere"):
        list(READERS[corpus](tmp_path / "nowhere"))


PUBLISHED = {
    "casia": (
        "casia",
        1200,
        {"anger": 200, "happiness": 200, "neutral": 200, "sadness": 200, "surprise": 200, "fear": 200},
    ),
    "emovo": (
        "emovo",
        588,
        dict.fromkeys(("anger", "happiness", "neutral", "sadness", "surprise", "disgust", "fear"), 84),
    ),
    "mesd": ("mesd", 862, None),
    "emovdb": ("emovdb", 6887, {"happiness": 1315, None: 1720, "anger": 1267, "disgust": 1019, "neutral": 1566}),
    "asvpesd": ("asvp_esd", 13964, None),
    "ravdess": ("ravdess", 1440, None),
}
"""Utterances by EmoBox, and by emotion where its authors or the paper's Table IV give them."""


def listed(dataset):
    folder = real("emobox_folds") / dataset / "fold_1"
    return [json.loads(line) for path in sorted(folder.glob("*.jsonl")) for line in path.read_text().splitlines()]


@pytest.mark.parametrize("dataset", PUBLISHED)
def test_every_published_file_name_is_read_with_its_published_label(tmp_path, dataset):
    corpus, count, emotions = PUBLISHED[dataset]
    entries = listed(dataset)
    touch(tmp_path, *(entry["wav"].removeprefix("downloads/") for entry in entries))
    rows, skips = split_kinds(READERS[corpus](tmp_path / dataset))
    assert (len(entries), len(rows), skips) == (count, count, [])
    assert len({row.key for row in rows}) == count
    said = {str(row.audio.relative_to(tmp_path)): harmonise(row.label, row.corpus) for row in rows}
    assert said == {e["wav"].removeprefix("downloads/"): harmonise(e["emo"], rows[0].corpus) for e in entries}
    if emotions:
        assert Counter(said.values()) == emotions


def test_esd_holds_out_3500_of_the_published_files_and_no_sentence_is_shared(tmp_path):
    folder = real("emobox_folds") / "esd"
    names = [
        json.loads(line)["wav"] for path in sorted(folder.rglob("*.jsonl")) for line in path.read_text().splitlines()
    ]
    said = {name: NAMED["esd"].interpret(Path(name)) for name in names}
    held_out = Counter(utterance.split for utterance in said.values())
    assert held_out == {"train": 31_500, "test": 3_500}
    test = {name: utterance for name, utterance in said.items() if utterance.split == "test"}
    assert set(Counter((u.speaker, u.label) for u in test.values()).values()) == {35}
    sentences = {
        split: {(int(name[-10:-4]) - 1) % 350 for name, utterance in said.items() if utterance.split == split}
        for split in ("train", "test")
    }
    assert not sentences["train"] & sentences["test"]


def test_esd_words_in_any_encoding_and_the_official_split(tmp_path):
    names = [f"0001/Angry/{part}/0001_000{number}.wav" for part, number in (("evaluation", 351), ("test", 371))]
    touch(tmp_path, *names, "0001/Neutral/0001_000351.wav", "0011/Sad/0011_001060.wav")
    write(tmp_path, "0001/0001.txt", "0001_000351\t打远一看\t生气\n", "gb18030")
    write(tmp_path, "0011/0011.txt", "0011_001060\tThe nine the eggs, I keep.\tSad\n", "utf-16")
    rows, _ = split_kinds(READERS["esd"](tmp_path, held_out="official"))
    assert [(row.key, row.split) for row in rows][:2] == [("0001_000351", "dev"), ("0001_000371", "test")]
    assert rows[0].transcript == "打远一看"
    assert (rows[-1].transcript, rows[-1].split) == ("The nine the eggs, I keep.", "dev")
    assert [row.split for row in split_kinds(READERS["esd"](tmp_path))[0]][-1] == "test"


def test_asvp_esd_without_laughter_and_cries(tmp_path):
    touch(tmp_path, "Audio/actor_1/03-01-03-01-02-1-02-01-01.wav", "Audio/actor_1/03-02-03-01-02-1-02-01.wav")
    rows, _ = split_kinds(READERS["asvp_esd"](tmp_path))
    assert [(row.language, row.gender) for row in rows] == [("zh", "female"), ("und", "female")]
    assert reasons(READERS["asvp_esd"](tmp_path, speech_only=True)) == {"03-02-03-01-02-1-02-01": "not_speech"}


def test_casia_takes_texts_from_a_list(tmp_path):
    touch(tmp_path, "wangzhe/sad/201.wav", "wangzhe/sad/202.wav")
    texts = write(tmp_path, "texts.txt", "201 就是下雨也去\n", "gb18030")
    rows, _ = split_kinds(READERS["casia"](tmp_path, texts=texts))
    assert [row.transcript for row in rows] == ["就是下雨也去", ""]
    with pytest.raises(CorpusError, match="one sentence number and its text a line"):
        list(READERS["casia"](tmp_path, texts=tmp_path / "gone"))


def test_emovdb_takes_words_from_the_arctic_prompts(tmp_path):
    touch(tmp_path, "bea_Amused/amused_1-15_0001.wav", "sam_Disgusted/disgust_1-28_0002.wav")
    write(tmp_path, "cmuarctic.data", '( arctic_a0001 "Author of the danger trail, Philip Steels, etc." )\n')
    rows, _ = split_kinds(READERS["emovdb"](tmp_path))
    assert [row.transcript for row in rows] == ["Author of the danger trail, Philip Steels, etc.", ""]


VOTES = """"","A","D","F","H","N","S","fileName","numResponses"
"100062",6,2,0,0,1,0,"1001_DFA_ANG_XX",9
"200062",0,9,0,0,0,0,"1001_DFA_ANG_XX",9
"100013",2,3,3,1,2,0,"1001_IEO_FEA_HI",11
"""


def test_crema_d_votes_are_those_on_the_voice_alone(tmp_path):
    touch(tmp_path, "AudioWAV/1001_DFA_ANG_XX.wav", "AudioWAV/1001_IEO_FEA_HI.wav", "AudioWAV/1002_IEO_HAP_LO.wav")
    write(tmp_path, "VideoDemographics.csv", '"ActorID","Age","Sex"\n1001,51,"Male"\n1002,21,"Female"\n')
    write(tmp_path, "processedResults/tabulatedVotes.csv", VOTES)
    rows, _ = split_kinds(READERS["crema_d"](tmp_path))
    assert [row.votes for row in rows] == [{"A": 6, "D": 2, "N": 1}, {"A": 2, "D": 3, "F": 3, "H": 1, "N": 2}, {}]
    assert [row.gender for row in rows] == ["male", "male", "female"]
    voted = list(READERS["crema_d"](tmp_path, label="voted"))
    assert voted[0].label == "A"
    assert reasons(voted) == {"1001_IEO_FEA_HI": "no_majority", "1002_IEO_HAP_LO": "no_majority"}
