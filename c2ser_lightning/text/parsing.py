"""From a free-text answer to one of the seven emotions, by rules that anyone can read."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from c2ser_lightning.emotions import EMOTIONS, SYNONYMS

_QUOTES = re.compile(
    r"“[^”]*(?:”|$)|「[^」]*(?:」|$)|『[^』]*(?:』|$)|\"[^\"]*(?:\"|$)"
    r"|(?<!\w)'[^']*(?:'\w[^']*)*'(?!\w)|(?<!\w)‘[^’]*(?:’\w[^’]*)*’(?!\w)"
)
_QUOTE_MARKS = "“”「」『』\"'‘’"
_NAMES_IT = re.compile(
    r"(?:\b(?:is|was|are|be|as|of|emotion(?:al state)?|label|answer)|[为是]|情[绪感])\W*$", re.IGNORECASE
)
_STRONG_CONCLUSION = re.compile(
    r"\b(?:infer(?:s|red)?|conclu(?:de[sd]?|sion)|therefore|thus|overall)\b"
    r"|\bemotion(?:s|al state)?\b(?:[^.,;]{0,30}?\b(?:is|was|are|were|be|as|of)\b|\W{0,4}[:=])"
    r"|推测|推断|判断|判定|总之|综上|因此|所以|情[绪感](?:状态)?(?:[为是]|[：:])",
    re.IGNORECASE,
)
_WEAK_CONCLUSION = re.compile(
    r"\b(?:convey|express|indicate|suggest)(?:e?s|e?d|ing)?\b|传达|表达|表现|体现|流露", re.IGNORECASE
)
_NO_NEGATION = re.compile(
    r"\b(?:no|without(?: a| any)?) doubt\b|\bnot (?:only|just|merely)\b|\bnothing but\b|不仅|不只|不禁|毫无疑问",
    re.IGNORECASE,
)
_NEGATION = re.compile(
    r"(?:\b(?:not|no|never|without|neither|nor|hardly|cannot|\w+n't|unlike|lack(?:s|ing)?"
    r"|rather than|instead of|as opposed to|(?:free|devoid|absence|lack) of)\b"
    r"(?:\s+(?!(?:but|and|yet|while)\b)\w+){0,3}\s*|\bnon-"
    r"|(?:不是|并非|没有?|而非|不带|毫无|并不|不太|不|无|未)"
    r"(?:很|太|是|感到|任何|那么|怎么|明显的?|一丝|特别|表现出|流露出|带有?)*)$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Mention:
    """An emotion word in an answer and where it stands."""

    emotion: str
    start: int


def parse_emotion(answer: str, allowed: Sequence[str] = EMOTIONS) -> str | None:
    """Return the emotion that an answer names, or ``None``: unparsed.

    The rules, in this order:

    1. Quoted words are the transcript and do not count, not even when generation was cut before the closing mark.
       A quotation counts where it is the whole answer, or one emotion word behind "is", "emotion:", "为" and the like.
    2. Negated mentions do not count: "not angry", "rather than angry", "without joy", "不是愤怒". "Not only" and "no
       doubt" negate nothing.
    3. Mentions outside ``allowed`` do not count, so an answer that names only such emotions is unparsed.
    4. Of what is left, the first mention behind the last strong conclusion wins ("inferred to be", "the emotion is",
       "推测"), since what follows it explains: "happiness, revealing a surprise". Without one, the same holds of weak
       conclusions ("conveys", "expresses", "传达"). Without any, the last mention wins.

    Args:
        answer: Text in English or Chinese.
        allowed: Label set.
    """
    text = _without_quotes(answer.strip().replace("n’t", "n't"))
    found = [mention for mention in mentions(text) if mention.emotion in allowed]
    for conclusion in (_STRONG_CONCLUSION, _WEAK_CONCLUSION):
        for end in reversed([match.end() for match in conclusion.finditer(text)]):
            behind = [mention for mention in found if mention.start >= end]
            if behind:
                return behind[0].emotion
    return found[-1].emotion if found else None


def mentions(text: str) -> list[Mention]:
    """Return the emotions a text names and does not negate, in order."""
    text = _NO_NEGATION.sub(_blank, text)
    return [
        Mention(_EMOTION_OF[match.group().lower()], match.start())
        for match in _WORDS.finditer(text)
        if not _NEGATION.search(text[max(0, match.start() - 50) : match.start()])
    ]


def _without_quotes(text: str) -> str:
    """Blank quotations, so that positions stay, but for those that are the answer itself."""

    def keep_or_blank(match: re.Match[str]) -> str:
        inner = match.group().strip(_QUOTE_MARKS + " .!。！")
        is_answer = match.group() == text
        names_emotion = _WORDS.fullmatch(inner) is not None and _NAMES_IT.search(text[: match.start()]) is not None
        return match.group() if is_answer or names_emotion else _blank(match)

    return _QUOTES.sub(keep_or_blank, text)


def _blank(match: re.Match[str]) -> str:
    return " " * len(match.group())


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
