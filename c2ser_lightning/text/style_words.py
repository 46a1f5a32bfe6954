"""The words with which a text states pitch, loudness and speaking rate, in English and Mandarin. Data, not code."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from c2ser_lightning.data.record import Level
from c2ser_lightning.emotions import SYNONYMS

Attribute = Literal["pitch", "loudness", "rate"]
AnswerLanguage = Literal["en", "zh"]
ATTRIBUTES: tuple[Attribute, ...] = ("pitch", "loudness", "rate")


@dataclass(frozen=True, slots=True)
class StyleWords:
    """How one language speaks of style.

    Attributes:
        token: Cuts a text into words and punctuation.
        nouns: Words that name an attribute.
        specific: Words that state an attribute and its level by themselves.
        restricted: Words that state a level of one attribute, and only beside a noun of it.
        general: Words that state a level of whichever attribute the noun beside them names.
        links: Words between a noun and what is said of it.
        fillers: Further words that may stand between a noun and its level.
        joins: Words that join two nouns or two levels.
        barriers: Words and punctuation over which no level reaches a noun.
        negations: Words that deny the level behind them.
        attributive: Particle between a level and the noun behind it, where the language has one.
        free_words: How many other words may stand between a level and the noun behind it.
    """

    token: re.Pattern[str]
    nouns: Mapping[str, Attribute]
    specific: Mapping[str, tuple[Attribute, Level]]
    restricted: Mapping[str, tuple[Attribute, Level]]
    general: Mapping[str, Level]
    links: frozenset[str]
    fillers: frozenset[str]
    joins: frozenset[str]
    barriers: frozenset[str]
    negations: frozenset[str]
    attributive: str
    free_words: int


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _nouns(table: Mapping[Attribute, str]) -> Mapping[str, Attribute]:
    return MappingProxyType({word: attribute for attribute, words in table.items() for word in words.split()})


def _levels(table: Mapping[Level, str]) -> Mapping[str, Level]:
    return MappingProxyType({word: level for level, words in table.items() for word in words.split()})


def _both(table: Mapping[tuple[Attribute, Level], str]) -> Mapping[str, tuple[Attribute, Level]]:
    return MappingProxyType({word: meaning for meaning, words in table.items() for word in words.split()})


def _longest_first(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(set(words), key=lambda word: (-len(word), word)))


ENGLISH = StyleWords(
    token=re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?|[.,;:!?()—–]"),
    nouns=_nouns(
        {
            "pitch": "pitch pitches pitched tone tones intonation register f0",
            "loudness": "volume volumes loudness energy",
            "rate": "pace paced pacing rate rates speed tempo",
        }
    ),
    specific=_both(
        {
            ("pitch", "high"): "shrill shrilly squeaky",
            ("loudness", "low"): "soft softly softer quiet quietly quieter hushed whisper whispered whispering",
            ("loudness", "high"): "loud loudly louder shout shouted shouting yell yelled yelling booming",
            ("rate", "low"): "slow slowly slower slowed leisurely unhurried sluggish sluggishly",
            ("rate", "high"): "fast faster rapid rapidly quick quickly quicker hurried hurriedly rushed hasty hastily "
            "brisk briskly swift swiftly speedy",
        }
    ),
    restricted=_both(
        {
            ("pitch", "low"): "deep deeper",
            ("loudness", "low"): "weak faint gentle subdued small little",
            ("loudness", "high"): "strong powerful big great",
        }
    ),
    general=_levels(
        {
            "low": "low lower lowered reduced",
            "medium": "medium moderate moderately mid middle average normal intermediate",
            "high": "high higher elevated raised increased",
        }
    ),
    links=_words("is was are were be being been of at remains remained stays stayed sounds sounded : to"),
    fillers=_words(
        "level levels range degree speaking speech vocal voice overall both all relatively quite very "
        "rather fairly somewhat slightly generally consistently notably noticeably that which kept in "
        "also"
    ),
    joins=_words("and or , &"),
    barriers=_words(". ; ! ? ( ) — – a an the its his her their this with but while whereas"),
    negations=_words("not no never neither nor without than instead hardly lacks lacking cannot"),
    attributive="",
    free_words=2,
)
"""English. "Voice" is no noun of pitch: a low voice may be a quiet one."""

_MANDARIN_NOUNS = _nouns(
    {
        "pitch": "音调 音高 语调 声调 调子",
        "loudness": "音量 响度 声量 能量 音强 声音",
        "rate": "语速 速度 节奏 速率",
    }
)
_MANDARIN_SPECIFIC = _both(
    {
        ("pitch", "low"): "低沉",
        ("pitch", "high"): "高昂 高亢 尖锐 尖细 尖厉",
        ("loudness", "low"): "轻柔 轻声 小声 低声 微弱",
        ("loudness", "high"): "响亮 洪亮 大声 高声",
        ("rate", "low"): "缓慢 慢速 迟缓 慢慢",
        ("rate", "high"): "急促 迅速 飞快 快速 急速",
    }
)
_MANDARIN_RESTRICTED = _both(
    {
        ("loudness", "low"): "小 轻 弱",
        ("loudness", "high"): "大 响 强",
        ("rate", "low"): "慢 缓",
        ("rate", "high"): "快 急",
    }
)
_MANDARIN_GENERAL = _levels({"low": "低", "medium": "中等 适中 正常 平均 居中 中", "high": "高"})
_MANDARIN_LINKS = _words("是 为 呈 呈现 显得 显 处于 属于 在 保持 保持在 ：")
_MANDARIN_FILLERS = _words(
    "的 较 较为 比较 偏 很 非常 十分 相对 略 略微 稍 稍微 有些 有点 水平 程度 说话 整体 都 均 也 则 于 更 特别"
)
_MANDARIN_JOINS = _words("和 与 及 以及 且 、 ， 而且")
_MANDARIN_BARRIERS = _words("。 ； ！ ？ ， ( ) （ ） 但 而 并")
_MANDARIN_NEGATIONS = _words("不 没 没有 并非 不是 无 未 并不 不太 不算 而非")
_MANDARIN_OTHER = (
    *(word for words in SYNONYMS.values() for word in words if not word.isascii()),
    *_words("高度 提高 低落 高涨 大家 大概 大量 小心 中性 其中 当中 赶快 尽快 急切 强烈 响应 轻松 轻微 轻易 弱点"),
)
MANDARIN = StyleWords(
    token=re.compile(
        _longest_first(
            [
                *(*_MANDARIN_NOUNS, *_MANDARIN_SPECIFIC, *_MANDARIN_RESTRICTED, *_MANDARIN_GENERAL, *_MANDARIN_LINKS),
                *(*_MANDARIN_FILLERS, *_MANDARIN_JOINS, *_MANDARIN_BARRIERS, *_MANDARIN_NEGATIONS, *_MANDARIN_OTHER),
            ]
        )
        + r"|\S"
    ),
    nouns=_MANDARIN_NOUNS,
    specific=_MANDARIN_SPECIFIC,
    restricted=_MANDARIN_RESTRICTED,
    general=_MANDARIN_GENERAL,
    links=_MANDARIN_LINKS,
    fillers=_MANDARIN_FILLERS,
    joins=_MANDARIN_JOINS,
    barriers=_MANDARIN_BARRIERS,
    negations=_MANDARIN_NEGATIONS,
    attributive="的",
    free_words=0,
)
STYLE_WORDS: Mapping[AnswerLanguage, StyleWords] = MappingProxyType({"en": ENGLISH, "zh": MANDARIN})
