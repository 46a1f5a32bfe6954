"""What the demo voices say. Neutral sentences are spoken with every emotion; emotional ones fit one or two emotions."""

from collections.abc import Mapping
from types import MappingProxyType

NEUTRAL: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "en": (
            "The train leaves at seven in the morning.",
            "She put the letter on the kitchen table.",
            "They are building a house near the river.",
            "The meeting was moved to Thursday.",
            "He walked to the market with his sister.",
            "There are three books on the shelf.",
            "I spoke with the teacher yesterday.",
            "The window faces the garden.",
            "We had soup and bread for dinner.",
            "The bus stops in front of the school.",
            "My brother works in a small office.",
            "Somebody left a bag in the hall.",
        ),
        "zh": (
            "火车早上七点出发。",
            "她把信放在桌子上。",
            "他们在河边盖房子。",
            "会议改到了星期四。",
            "他和妹妹一起去市场。",
            "书架上有三本书。",
            "我昨天和老师谈过了。",
            "窗户对着花园。",
            "我们晚饭吃了面条。",
            "公共汽车停在学校门口。",
            "我哥哥在小办公室工作。",
            "有人把包放在门口了。",
        ),
    }
)

EMOTIONAL: Mapping[str, tuple[tuple[str, tuple[str, ...]], ...]] = MappingProxyType(
    {
        "en": (
            ("You broke your promise again.", ("anger", "sadness")),
            ("Stop doing that right now!", ("anger",)),
            ("How could you do this to me?", ("anger", "surprise")),
            ("We won the first prize!", ("happiness", "surprise")),
            ("This is the best day of the year.", ("happiness",)),
            ("I love spending time with you.", ("happiness",)),
            ("The report has twelve pages.", ("neutral",)),
            ("Please sign on the second line.", ("neutral",)),
            ("I miss my old friends so much.", ("sadness",)),
            ("Nothing will ever be the same.", ("sadness", "fear")),
            ("I never expected to see you here!", ("surprise", "happiness")),
            ("What, is that really true?", ("surprise",)),
            ("There is mold all over this food.", ("disgust",)),
            ("That smell makes me sick.", ("disgust", "anger")),
            ("Someone is following us in the dark.", ("fear",)),
            ("I heard a scream in the cellar.", ("fear", "surprise")),
        ),
        "zh": (
            ("你又一次说话不算数。", ("anger", "sadness")),
            ("马上给我停下来！", ("anger",)),
            ("你怎么能这样对我？", ("anger", "surprise")),
            ("我们得了第一名！", ("happiness", "surprise")),
            ("今天是最好的一天。", ("happiness",)),
            ("我喜欢和你在一起。", ("happiness",)),
            ("这份报告有十二页。", ("neutral",)),
            ("请在第二行签名。", ("neutral",)),
            ("我好想念老朋友。", ("sadness",)),
            ("一切都回不去了。", ("sadness", "fear")),
            ("没想到在这里见到你！", ("surprise", "happiness")),
            ("什么，这是真的吗？", ("surprise",)),
            ("这些菜都发霉了。", ("disgust",)),
            ("那个味道让我恶心。", ("disgust", "anger")),
            ("黑暗里有人跟着我们。", ("fear",)),
            ("我听见地下室有尖叫。", ("fear", "surprise")),
        ),
    }
)


def choices(language: str, emotion: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the neutral sentences of a language and those whose wording fits an emotion."""
    fitting = tuple(text for text, emotions in EMOTIONAL[language] if emotion in emotions)
    return NEUTRAL[language], fitting
