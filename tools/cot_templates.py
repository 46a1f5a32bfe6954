"""Chain-of-thought texts without a teacher model: fixed wordings in the form of the paper's Table I.

An explicit text describes style, quotes the words, infers the emotion and says what it reveals, like the example the
paper generated; an implicit one names the emotion only. The wording is chosen by a hash of the key, so that a corpus
always gets the same texts. There are few wordings, so that a small language model can learn them.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeVar

from c2ser_lightning.data.record import Level, Levels, UtteranceRecord
from c2ser_lightning.emotions import CHINESE_NAMES, EMOTION_INDEX

LevelWords = Mapping[Level, str]
_T = TypeVar("_T")
SENTENCE_ENDS = (".", "!", "?", "…", "。", "！", "？")


@dataclass(frozen=True, slots=True)
class Wording:
    """The texts of one language.

    Attributes:
        rate: Words for the levels of the speaking rate.
        pitch: Words for the levels of the pitch.
        loudness: Words for the levels of the loudness.
        comma: Between style phrases.
        last_comma: Before the last style phrase.
        quote: Form of the quoted transcript.
        stop: Ends a sentence; a quotation that has its own end needs no other.
        space: Between sentences.
        explicit: Openings and endings of the explicit text; the opening without any style is the second of each.
        implicit: Implicit texts.
        emotions: Nouns of the emotions.
        senses: What each emotion reveals; every word names that emotion and no other, so that nothing is made up.
    """

    rate: LevelWords
    pitch: LevelWords
    loudness: LevelWords
    comma: str
    last_comma: str
    quote: str
    stop: str
    space: str
    explicit: tuple[tuple[str, str, str], ...]
    implicit: tuple[str, ...]
    emotions: Mapping[str, str]
    senses: Mapping[str, str]


ENGLISH = Wording(
    rate={"low": "slow pace", "medium": "moderate pace", "high": "fast pace"},
    pitch={"low": "low pitch", "medium": "medium pitch", "high": "high pitch"},
    loudness={"low": "soft volume", "medium": "moderate volume", "high": "loud volume"},
    comma=", a ",
    last_comma=" and a ",
    quote=': "{words}"',
    stop=".",
    space=" ",
    explicit=(
        (
            "The speaker spoke with a {style}{quote}",
            "The speaker spoke{quote}",
            "Based on the speech characteristics, the emotion was inferred to be {emotion}, "
            "revealing a sense of {sense}.",
        ),
        (
            "Spoken with a {style}{quote}",
            "Spoken{quote}",
            "From the speaking style and content, the emotion is inferred to be {emotion}, "
            "which conveys a sense of {sense}.",
        ),
    ),
    implicit=("This speech conveys {emotion}.",),
    emotions=MappingProxyType({name: name for name in EMOTION_INDEX}),
    senses=MappingProxyType(
        {
            "anger": "irritation and resentment",
            "happiness": "joy and satisfaction",
            "neutral": "calmness and composure",
            "sadness": "sorrow and disappointment",
            "surprise": "amazement and disbelief",
            "disgust": "repulsion and distaste",
            "fear": "anxiety and dread",
        }
    ),
)
CHINESE = Wording(
    rate={"low": "缓慢的语速", "medium": "中等的语速", "high": "较快的语速"},
    pitch={"low": "低沉的语调", "medium": "中等的语调", "high": "高昂的语调"},
    loudness={"low": "较小的音量", "medium": "中等的音量", "high": "较大的音量"},
    comma="、",
    last_comma="、",
    quote="：“{words}”",
    stop="。",
    space="",
    explicit=(
        (
            "说话者以{style}说话{quote}",
            "说话者说话{quote}",
            "通过分析语音特征，推测情绪为{emotion}，透露出一种{sense}的感受。",
        ),
        (
            "这段话用{style}说出{quote}",
            "这段话说出{quote}",
            "结合说话方式和内容，推测情绪为{emotion}，流露出一种{sense}的感受。",
        ),
    ),
    implicit=("这段语音传达出{emotion}的情绪。",),
    emotions=CHINESE_NAMES,
    senses=MappingProxyType(
        {
            "anger": "恼怒和气愤",
            "happiness": "喜悦和兴奋",
            "neutral": "平静和淡定",
            "sadness": "难过和失落",
            "surprise": "惊喜和诧异",
            "disgust": "反感和嫌弃",
            "fear": "害怕和不安",
        }
    ),
)


def write_texts(record: UtteranceRecord, wording: Wording | None = None) -> tuple[str, str] | None:
    """Return an utterance's explicit and implicit text, or ``None`` without an emotion.

    Mandarin speech is described in Chinese, all other speech in English, unless a wording is given. A level that is not
    known is left out, and so is an empty transcript.
    """
    if record.emotion is None:
        return None
    wording = wording or (CHINESE if record.language == "zh" else ENGLISH)
    emotion = wording.emotions[record.emotion]
    style = _style(record.levels, wording)
    opening, opening_without_style, ending = _chosen(wording.explicit, record.key)
    said = _said(opening if style else opening_without_style, style, record.transcript, wording)
    implicit = _chosen(wording.implicit, record.key).format(emotion=emotion)
    return said + ending.format(emotion=emotion, sense=wording.senses[record.emotion]), implicit


def _said(opening: str, style: str, transcript: str, wording: Wording) -> str:
    """Return the sentence with style and words, ready for the next; nothing where neither is known."""
    if not style and not transcript:
        return ""
    quote = wording.quote.format(words=transcript) if transcript else ""
    stop = "" if transcript.endswith(SENTENCE_ENDS) else wording.stop
    return opening.format(style=style, quote=quote) + stop + wording.space


def _style(levels: Levels, wording: Wording) -> str:
    """Return the known levels in words, joined."""
    known = ((wording.rate, levels.rate), (wording.pitch, levels.pitch), (wording.loudness, levels.loudness))
    phrases = [words[level] for words, level in known if level is not None]
    if len(phrases) < 2:
        return "".join(phrases)
    return wording.comma.join(phrases[:-1]) + wording.last_comma + phrases[-1]


def _chosen(wordings: Sequence[_T], key: str) -> _T:
    return wordings[hashlib.sha256(key.encode()).digest()[0] % len(wordings)]
