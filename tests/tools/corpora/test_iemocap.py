from collections import Counter

import pytest

from c2ser_lightning.emotions import harmonise, harmonise_votes
from tests.tools.corpora.miniature import reasons, speak, split_kinds, touch, write
from tools.corpora.base import CorpusError
from tools.corpora.iemocap import read_iemocap
from tools.corpora.recording import Segment, load_recording

EVALUATION = """% [START_TIME - END_TIME] TURN_NAME EMOTION [V, A, D]

[6.2901 - 8.2357]\tSes01F_impro01_F000\tneu\t[2.5000, 2.5000, 2.5000]
C-E2:\tNeutral;\t()
C-E3:\tNeutral;\t()
C-E4:\tNeutral; Happiness;\t(mild)
C-F1:\tAnger;\t()
A-E3:\tval 3; act 2; dom  2;\t()

[10.0100 - 11.3925]\tSes01F_impro01_M001\texc\t[4.0000, 3.5000, 3.0000]
C-E1:\tExcited;\t()
C-E2:\tOther;\t(pleased)

[12.0000 - 13.0000]\tSes01F_impro01_F001\txxx\t[2.0000, 2.0000, 2.0000]
[14.0000 - 15.0000]\tSes01F_impro01_F002\tfea\t[2.0000, 2.0000, 2.0000]
"""
WORDS = (
    "Ses01F_impro01_F000 [006.2901-008.2357]: Excuse me.\nM: noise\nSes01F_impro01_M001 [010.0100-011.3925]: Do you?\n"
)


@pytest.fixture
def corpus(tmp_path):
    for session in (1, 5):
        dialog = f"Session{session}/dialog"
        write(
            tmp_path,
            f"{dialog}/EmoEvaluation/Ses0{session}F_impro01.txt",
            EVALUATION.replace("Ses01", f"Ses0{session}"),
        )
        write(tmp_path, f"{dialog}/EmoEvaluation/Categorical/e1.txt", "unused")
        write(tmp_path, f"{dialog}/transcriptions/Ses0{session}F_impro01.txt", WORDS.replace("Ses01", f"Ses0{session}"))
    names = ("F000", "F001", "F002", "M001")
    return touch(tmp_path, *(f"Session1/sentences/wav/Ses01F_impro01/Ses01F_impro01_{name}.wav" for name in names))


def test_official_layout(corpus):
    rows, skips = split_kinds(read_iemocap(corpus))
    assert (len(rows), skips) == (8, [])
    first, second = rows[:2]
    assert first.audio == corpus / "Session1/sentences/wav/Ses01F_impro01/Ses01F_impro01_F000.wav"
    assert (first.speaker, first.gender, first.transcript) == ("iemocap_Ses01F", "female", "Excuse me.")
    assert (second.speaker, second.gender, second.transcript) == ("iemocap_Ses01M", "male", "Do you?")
    assert first.seconds == pytest.approx(1.9456)
    assert {row.split for row in rows} == {"train"}


def test_votes_are_those_of_outside_evaluators(corpus):
    first, second, *_ = split_kinds(read_iemocap(corpus))[0]
    assert first.votes == {"Neutral": 3, "Happiness": 1}
    assert harmonise_votes(first.votes, first.corpus) == {"happiness": 1, "neutral": 3}
    assert harmonise_votes(second.votes, second.corpus) == {"happiness": 1, "other": 1}


def test_excited_is_happiness_and_no_agreement_has_no_home(corpus):
    rows, _ = split_kinds(read_iemocap(corpus))
    emotions = Counter(harmonise(row.label, row.corpus) for row in rows)
    assert emotions == {"neutral": 2, "happiness": 2, None: 2, "fear": 2}


def test_the_four_classes_of_the_paper(corpus):
    skipped = reasons(read_iemocap(corpus, four_classes=True))
    assert sorted(skipped) == [f"Ses0{session}F_impro01_F00{n}" for session in (1, 5) for n in (1, 2)]
    assert set(skipped.values()) == {"label_left_out"}


def test_one_session_is_left_out(corpus):
    rows, _ = split_kinds(read_iemocap(corpus, test_session=5, dev_session=1))
    assert {(row.key[:5], row.split) for row in rows} == {("Ses01", "dev"), ("Ses05", "test")}
    with pytest.raises(CorpusError, match="no session 6"):
        list(read_iemocap(corpus, test_session=6))


def test_without_cut_files_the_dialogue_is_cut(corpus):
    speak(corpus / "Session5/dialog/wav/Ses05F_impro01.wav", 12.0)
    row = next(row for row in split_kinds(read_iemocap(corpus))[0] if row.key == "Ses05F_impro01_F000")
    assert row.audio == Segment(corpus / "Session5/dialog/wav/Ses05F_impro01.wav", 6.2901, 8.2357)
    assert len(load_recording(row.audio)) == pytest.approx(1.9456 * 16_000, abs=1)


def test_not_the_corpus(tmp_path):
    with pytest.raises(CorpusError, match="is not IEMOCAP: it holds no Session1/dialog/EmoEvaluation"):
        list(read_iemocap(tmp_path))
