"""The seven emotions, the words people use for them, and the way from a corpus' label to one of them."""

from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType

from c2ser_lightning.corpus_labels import COMMON_LABELS, CORPUS_LABELS, corpus_id

EMOTIONS: tuple[str, ...] = ("anger", "happiness", "neutral", "sadness", "surprise", "disgust", "fear")
"""Canonical labels in the paper's order; an emotion's index in this tuple is its class id everywhere."""

OTHER = "other"
"""What a vote counts as that names none of the seven."""

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


def harmonise(label: str, corpus: str = "") -> str | None:
    """Map a corpus label to one of the seven emotions by the table in ``corpus_labels``.

    Args:
        label: The corpus' own label, in any case.
        corpus: Name of the corpus, in any spelling; its codes come before the common spellings.

    Returns:
        The canonical emotion, or ``None`` for a label that is known and has no home among the seven.

    Raises:
        ValueError: The label is unknown.
    """
    key, own = label.strip().lower(), CORPUS_LABELS.get(corpus_id(corpus), {})
    for labels in (own, COMMON_LABELS):
        if key in labels:
            return labels[key]
    raise ValueError(f"unknown emotion label {label!r}; known: {', '.join(sorted({*own, *COMMON_LABELS}))}")


def harmonise_votes(votes: Mapping[str, int], corpus: str = "") -> dict[str, int]:
    """Count annotators' votes by canonical emotion; votes for anything else, known or not, count as ``other``."""
    counts: Counter[str] = Counter()
    for label, number in votes.items():
        try:
            counts[harmonise(label, corpus) or OTHER] += number
        except ValueError:
            counts[OTHER] += number
    return {name: counts[name] for name in (*EMOTIONS, OTHER) if counts[name]}
