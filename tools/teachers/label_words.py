"""Words that give an emotion away: its names, their inflections and near synonyms, as word stems. Data, not code."""

import re
from collections.abc import Mapping
from types import MappingProxyType

from c2ser_lightning.emotions import SYNONYMS

_STEMS: Mapping[str, str] = MappingProxyType(
    {
        "anger": "anger angr fury furi furor rage raging enrag outrag irate mad irritat annoy frustrat "
        "hostil resent indignan infuriat wrath livid aggravat exasperat",
        "happiness": "happi happy joy enjoy rejoic delight glad cheer elat amus excit pleased pleasing pleasur "
        "pleasant merry merri thrill gleeful ecsta jubila overjoy blissful",
        "neutral": "neutral calm unemotional emotionless impassiv dispassionat unmoved",
        "sadness": "sad sorrow unhapp grief griev melanchol depress heartbr mourn gloom miserabl despond "
        "dejected tearful downcast",
        "surprise": "surpris astonish amaz shock startl astound stunn unexpectedly",
        "disgust": "disgust avers revuls repuls repel revolt loath contempt nausea sicken abhor distast",
        "fear": "fear afraid scar frighten fright anxi terrif terror horrif horror panic dread apprehens worri worry",
    }
)
_WHOLE_WORDS = frozenset(("mad", "scar", "sad", "glad"))
"""Stems that begin harmless words (made, scarce, saddle); only their inflections count."""

_ANY_ENDING = r"[^\W_]*"
_INFLECTION = r"(?:s|es|ed|ing|ly|ness|y|ier|iest|ily|der|dest|den|dens|dened|dening)?"
_MANDARIN: Mapping[str, str] = MappingProxyType(
    {
        "anger": "怒 生气 气愤 愤 恼 火大 发火 烦躁",
        "happiness": "快乐 高兴 开心 喜悦 愉快 愉悦 欣喜 欢喜 欢快 兴奋 幸福 欢乐 喜",
        "neutral": "中性 中立 平静 冷静 平和 淡定",
        "sadness": "悲 伤心 难过 哀 忧伤 忧郁 沮丧 失落 伤感 难受",
        "surprise": "惊 诧异 意外 震撼",
        "disgust": "厌 反感 恶心 嫌弃 憎 鄙",
        "fear": "恐 害怕 惧 怕 惊慌 慌张 畏",
    }
)


def _pattern(emotion: str) -> re.Pattern[str]:
    stems = _STEMS[emotion].split()
    ending = {stem: _INFLECTION if stem in _WHOLE_WORDS else _ANY_ENDING for stem in stems}
    latin = [rf"\b{stem}{ending[stem]}\b" for stem in sorted(stems, key=len, reverse=True)]
    han = {*_MANDARIN[emotion].split(), *(word for word in SYNONYMS[emotion] if not word.isascii())}
    return re.compile("|".join([*latin, *sorted(han, key=len, reverse=True)]), re.IGNORECASE)


_PATTERNS: Mapping[str, re.Pattern[str]] = MappingProxyType({emotion: _pattern(emotion) for emotion in _STEMS})


def label_words(text: str, emotion: str) -> list[str]:
    """Return the words of a text that name an emotion, inflect its name or are synonyms of it.

    Args:
        text: English or Mandarin.
        emotion: One of the seven.
    """
    return [match.group() for match in _PATTERNS[emotion].finditer(text)]
