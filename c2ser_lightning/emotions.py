"""The seven emotions, the words people use for them, and how each corpus' labels map onto them. Data, not code."""

from collections.abc import Mapping
from types import MappingProxyType

EMOTIONS: tuple[str, ...] = ("anger", "happiness", "neutral", "sadness", "surprise", "disgust", "fear")
"""Canonical labels in the paper's order; an emotion's index in this tuple is its class id everywhere."""

EMOTION_INDEX: Mapping[str, int] = MappingProxyType({name: index for index, name in enumerate(EMOTIONS)})

CHINESE_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "anger": "愤怒",
        "happiness": "快乐",
        "neutral": "中性",
        "sadness": "悲伤",
        "surprise": "惊讶",
        "disgust": "厌恶",
        "fear": "恐惧",
    }
)

SYNONYMS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "anger": (
            *("anger", "angry", "angrily", "angered", "furious", "furiously", "fury", "rage", "enraged", "outraged"),
            *("irate", "mad", "irritated", "irritation", "annoyed", "annoyance", "frustrated", "frustration"),
            *("愤怒", "生气", "恼怒", "气愤", "愤慨", "恼火", "怒气", "发怒", "暴怒"),
        ),
        "happiness": (
            *("happiness", "happy", "happily", "joy", "joyful", "joyfully", "joyous", "excited", "excitement"),
            *("amused", "amusement", "cheerful", "cheerfully", "delighted", "delight", "glad", "elated", "pleased"),
            *("快乐", "高兴", "开心", "喜悦", "愉快", "欣喜", "欢喜", "欢快", "兴奋"),
        ),
        "neutral": (
            *("neutral", "neutrally", "neutrality", "calm", "calmly", "unemotional", "emotionless"),
            *("中性", "中立", "平静", "冷静", "平和"),
        ),
        "sadness": (
            *("sadness", "sad", "sadly", "sorrow", "sorrowful", "sorrowfully", "unhappy", "unhappiness", "grief"),
            *("melancholy", "depressed", "heartbroken", "mournful", "gloomy"),
            *("悲伤", "伤心", "难过", "悲哀", "悲痛", "哀伤", "忧伤", "沮丧", "失落", "忧郁"),
        ),
        "surprise": (
            *("surprise", "surprised", "astonished", "astonishment", "amazed", "amazement", "shock", "shocked"),
            *("startled", "惊讶", "吃惊", "惊奇", "意外", "诧异", "震惊", "惊喜"),
        ),
        "disgust": (
            *("disgust", "disgusted", "disgusting", "aversion", "revulsion", "repulsed", "repulsion", "loathing"),
            *("contempt", "厌恶", "反感", "恶心", "嫌弃", "讨厌", "憎恶"),
        ),
        "fear": (
            *("fear", "fearful", "fearfully", "afraid", "scared", "frightened", "anxious", "anxiety", "terrified"),
            *("terror", "horrified", "panic", "panicked", "恐惧", "害怕", "恐慌", "惊恐", "惊慌", "畏惧"),
        ),
    }
)
"""Words that name an emotion in an answer, English and Chinese; the canonical name comes first."""

COMMON_LABELS: Mapping[str, str] = MappingProxyType(
    {
        **{name: name for name in EMOTIONS},
        "angry": "anger",
        "happy": "happiness",
        "joy": "happiness",
        "excited": "happiness",
        "amused": "happiness",
        "sad": "sadness",
        "surprised": "surprise",
        "disgusted": "disgust",
        "fearful": "fear",
    }
)
"""Spellings found in most corpora's label files, lower case. Applied before a corpus' own additions."""

DROPPED_LABELS: Mapping[str, str] = MappingProxyType(
    {
        "calm": "no home among the seven emotions (RAVDESS calm)",
        "sleepy": "no home among the seven emotions (EmoV-DB sleepy)",
        "other": "no home among the seven emotions",
        "contempt": "no home among the seven emotions",
        "unknown": "no home among the seven emotions",
    }
)
"""Known labels that are left out on purpose, with the reason that the ledger gives."""


def harmonise(label: str) -> str | None:
    """Map a corpus label to one of the seven emotions.

    Args:
        label: The corpus' own label, in any case.

    Returns:
        The canonical emotion, or ``None`` for a label that is known and left out on purpose.

    Raises:
        ValueError: The label is neither known nor listed as left out.
    """
    key = label.strip().lower()
    if key in COMMON_LABELS:
        return COMMON_LABELS[key]
    if key in DROPPED_LABELS:
        return None
    raise ValueError(f"unknown emotion label {label!r}; known: {', '.join(sorted({*COMMON_LABELS, *DROPPED_LABELS}))}")
