"""From a free-text answer to one of the seven emotions, by rules that anyone can read (docs/parsing.md)."""

import re
from collections.abc import Sequence

from c2ser_lightning.emotions import EMOTIONS
from c2ser_lightning.text.answer_layout import (
    likeliest_of_shares,
    marked_emotion,
    without_figures_of_speech,
    without_options,
    without_quotations,
    without_thinking,
)
from c2ser_lightning.text.emotion_words import Mention, emotion_words, lowered
from c2ser_lightning.text.emphasis import weights
from c2ser_lightning.text.negation import denied

_STRONG_CONCLUSION = re.compile(
    r"\b(?:infer(?:s|red)?|conclu(?:de[sd]?|sion)|therefore|thus|overall|actually|in fact|in reality|in truth|really"
    r"|my (?:final )?(?:answer|guess)|i(?:'d| would)? (?:choose|pick|say)|correction|classif(?:y|ied)|described as"
    r"|points? to|closer listening)\b"
    r"|\b(?:emotion(?:s|al state)?|label|answer|category|mood)\b"
    r"(?:[^.,;]{0,30}?\b(?:is|was|are|were|be|as|of)\b|\W{0,6}[:=])"
    r"|\b(?:emozione|emoción|emotion|emocj[aąi])\b(?:[^.,;]{0,20}?\b(?:è|es|ist|to|jest|la|el)\b|\W{0,4}[:=])"
    r"|\b(?:in realtà|en realidad|tatsächlich|in wirklichkeit|w rzeczywistości"
    r"|in conclusione|en conclusión|por lo tanto)\b"
    r"|推测|推断|判断|判定|总之|综上|综合来看|因此|所以|由此可见|其实|实际上|事实上|应该是|应为|我认为|标签|答案"
    r"|情[绪感](?:状态|类别)?】?(?:[为是]|[：:=])"
)
_WEAK_CONCLUSION = re.compile(
    r"\b(?:convey|express|indicate|suggest|reveal|signal)(?:e?s|e?d|ing)?\b|传达|表达|表现|体现|流露"
)


def parse_emotion(answer: str, allowed: Sequence[str] = EMOTIONS) -> str | None:
    """Return the emotion that an answer names, or ``None``: unparsed.

    The rules, in this order:

    1. Thinking (``<think>``) does not count. A marker like ``<|HAPPY|>`` is the answer. Where several emotions stand
       with figures (``anger: 0.1, fear: 0.7``), the largest is.
    2. Quoted words are the transcript and do not count, not even when generation was cut before the closing mark.
       A quotation counts where it is the whole answer, or one emotion word behind "is", "emotion:", "为" and the like.
       An enumeration of five or more emotions repeats the question; "happy to help" is a figure of speech.
    3. Denied mentions do not count: "not angry", "rather than angry", "no anger or joy", "不是愤怒".
    4. Mentions outside ``allowed`` do not count, so an answer that names only such emotions is unparsed.
    5. Emphasis: a main emotion ("mainly", "X prevails", "以…为主") comes before others, and those before asides
       ("a hint of", "although …,", "X would be louder", "多于").
    6. Of what is left, the first mention behind the last strong conclusion wins ("inferred to be", "the emotion is",
       "推测"), since what follows it explains: "happiness, revealing a surprise". Without one, the same holds of weak
       conclusions ("conveys", "expresses", "传达"). Without any, the last mention wins.

    Args:
        answer: Text in English, Chinese, Italian, Spanish, German or Polish.
        allowed: Label set.
    """
    text = without_thinking(answer.replace("n’t", "n't"))
    marked, emotion = marked_emotion(text)
    if marked:
        return emotion if emotion in allowed else None
    likeliest = likeliest_of_shares(text, allowed)
    if likeliest is not None:
        return likeliest
    text = lowered(without_figures_of_speech(without_quotations(text)))
    found = [mention for mention in _affirmed(text) if mention.emotion in allowed]
    return _concluded(text, _weightiest(text, found))


def mentions(text: str) -> list[Mention]:
    """Return the emotions a text names and does not deny, in order."""
    return _affirmed(lowered(without_figures_of_speech(text)))


def _affirmed(text: str) -> list[Mention]:
    found = without_options(text, emotion_words(text))
    return [mention for mention, no in zip(found, denied(text, found), strict=True) if not no]


def _weightiest(text: str, found: Sequence[Mention]) -> list[Mention]:
    if len({mention.emotion for mention in found}) < 2:
        return list(found)
    given = weights(text, found)
    return [mention for mention, weight in zip(found, given, strict=True) if weight == max(given)]


def _concluded(text: str, found: Sequence[Mention]) -> str | None:
    for conclusion in (_STRONG_CONCLUSION, _WEAK_CONCLUSION):
        for end in reversed([match.end() for match in conclusion.finditer(text)]):
            behind = [mention for mention in found if mention.start >= end]
            if behind:
                return behind[0].emotion
    return found[-1].emotion if found else None
