"""From a free-text answer to one of the seven emotions, by rules that anyone can read."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from c2ser_lightning.emotions import EMOTIONS, SYNONYMS

_QUOTES = re.compile(
    r"“[^”]*”|「[^」]*」|『[^』]*』|\"[^\"]*\"|(?<!\w)'[^']*(?:'\w[^']*)*'(?!\w)|(?<!\w)‘[^’]*(?:’\w[^’]*)*’(?!\w)"
)
_CONCLUSION = re.compile(
    r"inferred|infer|conclu|therefore|thus|overall|conveys?|expresse[sd]?"
    r"|emotion(?:al state)?\b[^.,;]{0,30}?\b(?:is|was|be|as|of)\b"
    r"|推测|推断|判断|总之|因此|所以|情绪[为是]|情感[为是]|传达",
    re.IGNORECASE,
)
_NEGATION = re.compile(
    r"(?:\b(?:not|no|never|without|neither|nor|hardly|rather than|instead of|isn't|wasn't|doesn't|don't|lacks?|free of)\b"
    r"(?:\s+(?!but\b)\w+){0,3}\s*"
    r"|(?:不是|并非|没有|而非|不带|毫无|并不|不太|不)\s*(?:很|太|是|感到|任何)?)$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Mention:
    """An emotion word in an answer and where it stands."""

    emotion: str
    start: int


def parse_emotion(answer: str, allowed: Sequence[str] = EMOTIONS) -> str | None:
    """Return the emotion that an answer names, or ``None``: unparsed.

    Quoted words (the transcript) do not count, nor do negated mentions ("not angry", "不是愤怒"). Of what is left, the
    first mention behind the last word of conclusion ("inferred", "the emotion is", "推测") wins, since what follows it
    explains ("happiness, revealing a surprise"); without such a word the last mention wins.

    Args:
        answer: Text in English or Chinese.
        allowed: Label set. A mention of another emotion is no answer, so it is passed over.
    """
    text = _QUOTES.sub(lambda match: " " * len(match.group()), answer)
    found = [mention for mention in mentions(text) if mention.emotion in allowed]
    if not found:
        return None
    conclusions = [match.end() for match in _CONCLUSION.finditer(text)]
    for end in reversed(conclusions):
        behind = [mention for mention in found if mention.start >= end - 1]
        if behind:
            return behind[0].emotion
    return found[-1].emotion


def mentions(text: str) -> list[Mention]:
    """Return the emotions a text names and does not negate, in order."""
    return [
        Mention(_EMOTION_OF[match.group().lower()], match.start())
        for match in _WORDS.finditer(text)
        if not _NEGATION.search(text[max(0, match.start() - 40) : match.start()])
    ]


def _pattern(script: Literal["latin", "han"], words: list[str]) -> str:
    body = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    return rf"\b(?:{body})\b" if script == "latin" else body


_EMOTION_OF = {word: emotion for emotion, words in SYNONYMS.items() for word in words}
_WORDS = re.compile(
    _pattern("latin", [word for word in _EMOTION_OF if word.isascii()])
    + "|"
    + _pattern("han", [word for word in _EMOTION_OF if not word.isascii()]),
    re.IGNORECASE,
)
