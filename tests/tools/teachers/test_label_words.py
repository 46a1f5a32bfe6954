import pytest

from c2ser_lightning.emotions import CHINESE_NAMES, EMOTIONS, SYNONYMS
from tools.teachers.label_words import label_words

INFLECTED = {
    "anger": "Angers angrily angrier raging maddening madly infuriated frustrations irritating annoys",
    "happiness": "happier happily joys enjoyment cheerfulness delightful exciting gladness pleasure rejoicing",
    "neutral": "neutrality calmly calmness unemotionally",
    "sadness": "sadder saddest saddened sadly sorrows grieving depressing mournfully gloomier",
    "surprise": "surprises surprisingly astonishingly amazes shocking startling",
    "disgust": "disgusts disgustingly repulsive loathes contemptuous revolting",
    "fear": "fears fearsome scary scares frightening terrifying panicking anxiously worries",
}


@pytest.mark.parametrize("emotion", EMOTIONS)
def test_every_known_name_and_synonym_is_found(emotion):
    for word in (*SYNONYMS[emotion], emotion, CHINESE_NAMES[emotion]):
        assert label_words(f"x {word} y" if word.isascii() else f"他{word}了", emotion), word


@pytest.mark.parametrize("emotion", EMOTIONS)
def test_inflections_are_found(emotion):
    words = INFLECTED[emotion].split()
    assert label_words(INFLECTED[emotion], emotion) == words


@pytest.mark.parametrize("emotion", EMOTIONS)
def test_harmless_words_are_left_alone(emotion):
    harmless = "The man made a scarce saddle, related an average story, please contemplate the garage and the ladder."
    assert label_words(harmless, emotion) == []
