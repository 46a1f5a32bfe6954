import pytest

from c2ser_lightning.text.captions import style_caption


@pytest.mark.parametrize(
    ("explicit", "transcript", "caption"),
    [
        (
            'Spoken with a fast pace: "Stop that now.". From style and content, the emotion is inferred to be anger.',
            "Stop that now.",
            "Spoken with a fast pace. From style and content, the emotion is inferred to be anger.",
        ),
        (
            "说话者以中等的语速说话：“马上给我停下来！”。通过分析语音特征，推测情绪为愤怒。",
            "马上给我停下来！",
            "说话者以中等的语速说话。通过分析语音特征，推测情绪为愤怒。",
        ),
        ('He says "no way" in a low voice, sad.', "no way", "He says in a low voice, sad."),
        ('A loud voice says, "come here!"', "Come here", "A loud voice says."),
        ('Slow, and "come here" is repeated: "come".', "come here", "Slow, and is repeated."),
        ("A calm voice. No words are quoted.", "hello", "A calm voice. No words are quoted."),
        ("A calm voice.", "", "A calm voice."),
        ("", "hello", ""),
    ],
)
def test_what_was_said_is_left_out(explicit, transcript, caption):
    assert style_caption(explicit, transcript) == caption
