import pytest

from c2ser_lightning.emotions import CHINESE_NAMES, EMOTIONS, SYNONYMS
from c2ser_lightning.text.parsing import parse_emotion

CASES = [
    # plain names
    ("anger", "anger"),
    ("Happy.", "happiness"),
    ("The emotion is SADNESS", "sadness"),
    ("This speech conveys surprise.", "surprise"),
    ("He sounds disgusted.", "disgust"),
    ("She seems terrified", "fear"),
    ("A calm and neutral voice.", "neutral"),
    ("joyful and excited", "happiness"),
    ("The speaker is furious!", "anger"),
    ("He is unhappy.", "sadness"),
    ("The speaker expresses sorrow.", "sadness"),
    ("An astonished tone.", "surprise"),
    ("It carries an anxious undertone", "fear"),
    ("revulsion", "disgust"),
    # Chinese
    ("愤怒", "anger"),
    ("这条语音的的情感为高兴", "happiness"),
    ("这段语音传达出悲伤的情绪。", "sadness"),
    ("说话者感到害怕。", "fear"),
    ("语气平静。", "neutral"),
    ("他很惊讶！", "surprise"),
    ("带着厌恶的口气", "disgust"),
    ("推测情绪为生气", "anger"),
    # the transcript does not count
    ('The speaker said "I am so happy" with a low pitch. The emotion was inferred to be sadness.', "sadness"),
    ("He spoke fast: “angry people scare me”. Emotion: fear.", "fear"),
    ('Someone said: "what a surprise".', None),
    ("The phrase 'I'm happy for you' was spoken in disgust.", "disgust"),
    ("说话者说道：“我很高兴”。推测情绪为悲伤。", "sadness"),
    ("「真恶心」这句话表达了愤怒。", "anger"),
    # but a quotation can be the answer itself, and a cut one is still a transcript
    ('The emotion is "anger".', "anger"),
    ("The label is 'Fear'.", "fear"),
    ("情绪为“愤怒”。", "anger"),
    ('"This speech conveys sadness."', "sadness"),
    ('{"emotion": "happy"}', "happiness"),
    ('The speaker spoke with a fast pace: "I am so happy and', None),
    ("说话者说道：“我很高兴", None),
    ('She said: "Surprise!"', None),
    ("The speaker's tone and the speakers' words are sad: 'I'm happy, don't worry'.", "sadness"),
    # conclusions win over what stands before or explains after
    ("Although the pitch sounds happy at first, the emotion was inferred to be anger.", "anger"),
    ("the emotion was inferred to be disgust, revealing a sense of resentment or anger.", "disgust"),
    ("The emotion is inferred to be fear, perhaps mixed with surprise.", "fear"),
    ("Therefore, the speaker is sad rather than angry.", "sadness"),
    ("快乐的语调之外，推测情绪为愤怒，透露出一种悲伤。", "anger"),
    ("Overall the emotion is neutral.", "neutral"),
    ("It conveys happiness with a hint of surprise.", "happiness"),
    ("The emotion was inferred to be disgust, which conveys anger.", "disgust"),
    ("推测情绪为快乐，传达出悲伤", "happiness"),
    ("Emotion: happiness. A pitch this high is often surprise.", "happiness"),
    ("情绪：恐惧。语气像悲伤。", "fear"),
    ("The words express joy, but the voice expresses sadness, close to fear.", "sadness"),
    ("An enthusiastic, happy opening, then a sad close.", "sadness"),
    # negation
    ("The speaker is not angry but sad.", "sadness"),
    ("He isn't happy; he is afraid.", "fear"),
    ("There is no fear, only joy.", "happiness"),
    ("Not angry.", None),
    ("She never sounds sad.", None),
    ("Neither happy nor sad.", None),
    ("Sad rather than angry.", "sadness"),
    ("The voice lacks any joy and is fearful.", "fear"),
    ("不是愤怒，而是悲伤", "sadness"),
    ("她并不高兴", None),
    ("没有恐惧", None),
    ("He isn’t happy.", None),
    ("He didn't sound happy.", None),
    ("The voice is devoid of joy, it is sad.", "sadness"),
    ("A non-angry, sad voice", "sadness"),
    ("Unlike anger, this is disgust.", "disgust"),
    ("The speech is not fast and conveys happiness.", "happiness"),
    ("Without a doubt angry.", "anger"),
    ("No doubt angry.", "anger"),
    ("It conveys not only anger but sadness.", "anger"),
    ("没有明显的愤怒", None),
    ("声音未表现出恐惧", None),
    ("说话者没生气，只是难过。", "sadness"),
    ("毫无疑问是愤怒", "anger"),
    ("不仅悲伤，而且愤怒", "anger"),
    ("非常高兴", "happiness"),
    ("无比愤怒", "anger"),
    # several mentions without a conclusion: the last
    ("First happy, then sad.", "sadness"),
    ("angry or disgusted", "disgust"),
    # no word at all, or only parts of words
    ("", None),
    ("I can't tell.", None),
    ("The speech is fast and loud.", None),
    ("A dangerous stranger", None),
    ("The feared leader", None),
    ("sadist", None),
    ("As an AI language model I cannot listen to audio.", None),
    ("语速较快，音量较大。", None),
    # layout
    ("**Emotion:** happiness", "happiness"),
    ("emotion=fear", "fear"),
    ("<neutral>", "neutral"),
    ("HAPPY\n", "happiness"),
    ("Label: Surprise (high confidence)", "surprise"),
]


@pytest.mark.parametrize(("answer", "emotion"), CASES)
def test_hand_checked_answers(answer, emotion):
    assert parse_emotion(answer) == emotion


def test_examples_of_the_release():
    explicit = (
        "说话者以缓慢的速度、高昂的语调和中等音量的声音说道：“不知道艾德林小姐有没有给我们准备好吃的点心呢。”"
        "通过分析语音特征，推测情绪为快乐，透露出一种期待和兴奋的喜悦。"
    )
    assert parse_emotion(explicit) == "happiness"
    english = (
        "Spoken by a young woman with a slow pace, normal pitch, and low energy, the phrase 'Dear! dear!' conveys a "
        "happy and sincere tone."
    )
    assert parse_emotion(english) == "happiness"


def test_an_emotion_outside_the_label_set_is_passed_over():
    assert parse_emotion("disgust", allowed=("anger", "fear")) is None
    assert parse_emotion("fear, or even disgust", allowed=("anger", "fear")) == "fear"


@pytest.mark.parametrize("emotion", EMOTIONS)
def test_every_synonym_alone_is_its_emotion(emotion):
    assert {parse_emotion(word) for word in (*SYNONYMS[emotion], CHINESE_NAMES[emotion])} == {emotion}


def test_no_word_names_two_emotions():
    words = [word for words in SYNONYMS.values() for word in words]
    assert len(words) == len(set(words))
