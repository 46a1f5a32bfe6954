from collections import Counter

import pytest

from c2ser_lightning.emotions import EMOTIONS
from tools.demo_corpus.script import SKEWED, write_script
from tools.demo_corpus.sentences import EMOTIONAL, NEUTRAL
from tools.demo_corpus.voices import VOICES

SPLITS = {voice.speaker: voice.split for voice in VOICES}


@pytest.mark.parametrize(
    ("wanted", "voices", "lines"), [(1, 4, 28), (28, 4, 28), (56, 8, 56), (105, 15, 105), (868, 55, 868)]
)
def test_balanced_at_every_size(wanted, voices, lines):
    script = write_script(wanted, 0.4, 0)
    counts = Counter((line.voice.speaker, line.emotion) for line in script)
    assert len(script) == lines
    assert len({line.voice for line in script}) == voices
    held_out = {count for (speaker, _), count in counts.items() if SPLITS[speaker] != "train"}
    training = {count for (speaker, _), count in counts.items() if SPLITS[speaker] == "train"}
    assert len(held_out) == 1
    assert training == {max(1, max(held_out) // 2)}
    assert len({line.key for line in script}) == lines
    assert {line.voice.split for line in script} == {"train", "dev", "test"}


def test_neutral_sentences_are_spoken_with_every_emotion():
    neutral = {text for texts in NEUTRAL.values() for text in texts}
    spoken = {emotion: set() for emotion in EMOTIONS}
    for line in write_script(868, 0.4, 0):
        spoken[line.emotion].add(line.text)
    assert all(len(texts & neutral) >= 12 for texts in spoken.values())


def test_wording_fits_only_its_emotions_and_share_is_as_asked():
    fitting = {text: emotions for texts in EMOTIONAL.values() for text, emotions in texts}
    emotional = [line for line in write_script(868, 0.4, 0) if line.text in fitting]
    assert all(line.emotion in fitting[line.text] for line in emotional)
    assert len(emotional) / 868 == pytest.approx(0.4, abs=0.06)
    assert any(len(emotions) == 2 for emotions in fitting.values())


def test_seed_decides():
    assert write_script(105, 0.4, 1) == write_script(105, 0.4, 1)
    assert write_script(105, 0.4, 1) != write_script(105, 0.4, 2)


def test_voices_cover_languages_and_sexes_and_test_timbres_are_unheard():
    held_out = [voice for voice in VOICES if voice.split == "test"]
    assert {voice.language for voice in held_out} == {voice.language for voice in VOICES if voice.split == "dev"}
    assert {voice.gender for voice in held_out} == {"female", "male"}
    heard = {voice.espeak.partition("+")[2] for voice in VOICES if voice.split == "train"}
    assert not heard & {voice.espeak.partition("+")[2] for voice in held_out}
    assert len({voice.speaker for voice in VOICES}) == len(VOICES) >= 12


def test_a_skewed_script_skews_the_training_split_alone_and_spreads_rare_emotions_over_voices():
    balanced, skewed = write_script(868, 0.4, 0), write_script(868, 0.4, 0, skewed=True)
    assert [line for line in skewed if line.voice.split != "train"] == [
        line for line in balanced if line.voice.split != "train"
    ]
    training = [line for line in skewed if line.voice.split == "train"]
    counts = Counter(line.emotion for line in training)
    assert len(training) == pytest.approx(672, abs=3)
    assert {emotion: count / len(training) for emotion, count in counts.items()} == pytest.approx(
        dict(SKEWED), abs=0.002
    )
    speakers = {emotion: {line.voice.speaker for line in training if line.emotion == emotion} for emotion in EMOTIONS}
    assert len(speakers["fear"]) == counts["fear"] < 0.02 * len(training)
    assert speakers["fear"] != speakers["disgust"]
    assert len({line.key for line in skewed}) == len(skewed)
