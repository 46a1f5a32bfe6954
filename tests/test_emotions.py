import pytest

from c2ser_lightning.corpus_labels import COMMON_LABELS, CORPUS_LABELS, corpus_id
from c2ser_lightning.emotions import EMOTIONS, harmonise, harmonise_votes


@pytest.mark.parametrize(
    ("corpus", "label", "emotion"),
    [
        ("IEMOCAP", "exc", "happiness"),
        ("IEMOCAP", "fru", None),
        ("MELD", "joy", "happiness"),
        ("EmoV-DB", "Amused", "happiness"),
        ("EmoV-DB", "Sleepy", None),
        ("RAVDESS", "calm", None),
        ("MSP-Podcast", "U", "surprise"),
        ("MSP-Podcast", "C", None),
        ("MER2024", "worried", None),
        ("ASVP-ESD", "09", "happiness"),
        ("ASVP-ESD", "13", None),
        # One letter means different things: Trauer and Angst in Berlin, anger in Texas.
        ("EMO-DB", "A", "fear"),
        ("CREMA-D", "A", "anger"),
        ("EMO-DB", "T", "sadness"),
        ("EMOVO", "tri", "sadness"),
        ("", " Surprised ", "surprise"),
        ("a corpus nobody knows", "happy", "happiness"),
    ],
)
def test_labels_find_their_home(corpus, label, emotion):
    assert harmonise(label, corpus) == emotion


@pytest.mark.parametrize(("corpus", "label"), [("", "grumpy"), ("MELD", "tri"), ("EMO-DB", "01"), ("", "")])
def test_a_label_of_another_corpus_is_unknown(corpus, label):
    with pytest.raises(ValueError, match="unknown emotion label"):
        harmonise(label, corpus)


def test_the_table_leads_to_the_seven_alone():
    for labels in (COMMON_LABELS, *CORPUS_LABELS.values()):
        assert {*labels.values()} <= {*EMOTIONS, None}
        assert all(label == label.lower() for label in labels)
    assert all(corpus == corpus_id(corpus) for corpus in CORPUS_LABELS)


def test_votes_are_counted_in_the_order_of_the_emotions():
    votes = {"Sad": 1, "Frustration": 2, "Anger": 1, "sarcastic": 3, "ang": 1}
    counted = harmonise_votes(votes, "IEMOCAP")
    assert counted == {"anger": 2, "sadness": 1, "other": 5}
    assert list(counted) == ["anger", "sadness", "other"]
    assert harmonise_votes({}) == {}
