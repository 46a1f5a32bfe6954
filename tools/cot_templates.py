"""Chain-of-thought texts without a teacher model: fixed wordings in the form of the paper's Table I.

An explicit text describes style, quotes the words and infers the emotion; an implicit one names the emotion only.
The wording is chosen by a hash of the key, so that the same corpus always gets the same texts.
"""

import hashlib
from collections.abc import Callable, Sequence

from c2ser_lightning.data.record import Level, UtteranceRecord
from c2ser_lightning.emotions import CHINESE_NAMES

_ENGLISH: dict[str, dict[Level, str]] = {
    "rate": {"low": "slow pace", "medium": "moderate pace", "high": "fast pace"},
    "pitch": {"low": "low pitch", "medium": "medium pitch", "high": "high pitch"},
    "loudness": {"low": "soft volume", "medium": "moderate volume", "high": "loud volume"},
}
_CHINESE: dict[str, dict[Level, str]] = {
    "rate": {"low": "缓慢的语速", "medium": "中等的语速", "high": "较快的语速"},
    "pitch": {"low": "低沉的语调", "medium": "中等的语调", "high": "高昂的语调"},
    "loudness": {"low": "较小的音量", "medium": "中等的音量", "high": "较大的音量"},
}
ENGLISH_EXPLICIT = (
    "The speaker spoke with a {style}{quote}. Based on the speech characteristics, the emotion was inferred to be {emotion}.",
    "Spoken with a {style}{quote}. From the speaking style and content, the emotion is inferred to be {emotion}.",
)
ENGLISH_IMPLICIT = ("This speech conveys {emotion}.",)
CHINESE_EXPLICIT = (
    "说话者以{style}说话{quote}。通过分析语音特征，推测情绪为{emotion}。",
    "这段话用{style}说出{quote}。结合说话方式和内容，推测情绪为{emotion}。",
)
CHINESE_IMPLICIT = ("这段语音传达出{emotion}的情绪。",)


def write_texts(record: UtteranceRecord) -> tuple[str, str] | None:
    """Return an utterance's explicit and implicit text, or ``None`` without an emotion.

    Mandarin speech is described in Chinese, all other speech in English. A level that is not known is left out.
    """
    if record.emotion is None:
        return None
    if record.language == "zh":
        emotion = CHINESE_NAMES[record.emotion]
        style = "、".join(_styles(record, _CHINESE)) or "普通的方式"
        quote = f"：“{record.transcript}”" if record.transcript else ""
        explicit, implicit = CHINESE_EXPLICIT, CHINESE_IMPLICIT
    else:
        emotion = record.emotion
        style = _enumerate(_styles(record, _ENGLISH)) or "voice of unknown style"
        quote = f': "{record.transcript}"' if record.transcript else ""
        explicit, implicit = ENGLISH_EXPLICIT, ENGLISH_IMPLICIT
    fill: Callable[[str], str] = lambda text: text.format(style=style, quote=quote, emotion=emotion)  # noqa: E731
    return fill(_choose(explicit, record.key)), fill(_choose(implicit, record.key))


def _styles(record: UtteranceRecord, words: dict[str, dict[Level, str]]) -> list[str]:
    levels = {"rate": record.levels.rate, "pitch": record.levels.pitch, "loudness": record.levels.loudness}
    return [words[name][level] for name, level in levels.items() if level is not None]


def _enumerate(parts: Sequence[str]) -> str:
    if len(parts) < 2:
        return "".join(parts)
    return f"{', a '.join(parts[:-1])} and a {parts[-1]}"


def _choose(wordings: Sequence[str], key: str) -> str:
    return wordings[hashlib.sha256(key.encode()).digest()[0] % len(wordings)]
