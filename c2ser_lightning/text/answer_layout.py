"""What in an answer is not the answerer's own statement: thinking, quotations, lists of options, figures of speech."""

import re
from collections.abc import Sequence

from c2ser_lightning.text.emotion_words import Mention, emotion_words, is_emotion_word, lowered

MOST_OPTIONS = 5
"""So many different emotions in one enumeration are the question's label set, not an answer."""

_THINKING = re.compile(r"<think(?:ing)?>.*?(?:</think(?:ing)?>|$)", re.DOTALL | re.IGNORECASE)
_QUOTES = re.compile(
    r"[“„][^”“]*(?:[”“]|$)|「[^」]*(?:」|$)|『[^』]*(?:』|$)|«[^»]*(?:»|$)|\"[^\"]*(?:\"|$)"
    r"|(?<!\w)'[^']*(?:'\w[^']*)*'(?!\w)|(?<!\w)‘[^’]*(?:’\w[^’]*)*’(?!\w)"
)
_QUOTE_MARKS = "“”„「」『』«»\"'‘’"
_NAMES_IT = re.compile(
    r"(?:\b(?:is|was|are|be|as|of|emotion(?:al state)?|label|answer|emozione|emoción|emocja)"
    r"|[为是]|情[绪感]|标签|答案)\W*$",
    re.IGNORECASE,
)
_MARKER = re.compile(r"<\|\s*(\w+)\s*\|>")
_UNKNOWN_MARKER = re.compile(r"<\|\s*EMO_UNKNOWN\s*\|>", re.IGNORECASE)
_DIGIT = re.compile(r"\d")
_SHARE = re.compile(r"[\"'”’*_]*\s*[:：=(（]\s*(\d*\.?\d+)\s*%?")
_LIST_GAP = re.compile(r"[\s,，、;/|]*(?:\b(?:and|or|und|oder|y|o|e|ed|i|lub)\b|和|或|与|以及)?\s*")
_FIGURES_OF_SPEECH = re.compile(
    r"\b(?:happy|glad|pleased|delighted) to (?:help|assist|answer|provide|listen|support)\b"
    r"|\bI(?:['’]m| am) afraid(?= (?:I|that|the|this|it|you|not|so|there|we)\b)"
    r"|(?:很|非常)?(?:高兴|乐意|荣幸)[为能]|(?-i:(?<=[a-z] )Happy(?= [A-Z]))",
    re.IGNORECASE,
)


def without_thinking(answer: str) -> str:
    """Cut out what a reasoning model thought; an unfinished thought goes to the end."""
    return _THINKING.sub(" ", answer).strip()


def marked_emotion(text: str) -> tuple[bool, str | None]:
    """Read markers like ``<|HAPPY|>`` (SenseVoice): whether one speaks of emotion, and which it names."""
    for match in _MARKER.finditer(text):
        named = lowered(match.group(1))
        if is_emotion_word(named):
            return True, emotion_words(named)[0].emotion
    return _UNKNOWN_MARKER.search(text) is not None, None


def likeliest_of_shares(text: str, allowed: Sequence[str]) -> str | None:
    """Return the emotion with the largest figure where an answer gives several: ``anger: 0.1, fear (70%)``."""
    shares: dict[str, float] = {}
    for mention in emotion_words(lowered(text)) if _DIGIT.search(text) else ():
        match = _SHARE.match(text, mention.end)
        if match:
            shares[mention.emotion] = max(float(match.group(1)), shares.get(mention.emotion, 0.0))
    given = {emotion: share for emotion, share in shares.items() if emotion in allowed}
    return max(given, key=lambda emotion: given[emotion]) if len(shares) > 1 and given else None


def without_quotations(text: str) -> str:
    """Blank quotations, so that positions stay, but for those that are the answer itself."""

    def keep_or_blank(match: re.Match[str]) -> str:
        inner = lowered(match.group()).strip(_QUOTE_MARKS + " .!。！")
        is_answer = match.group() == text
        before = text[max(0, match.start() - 30) : match.start()]
        names_emotion = len(inner) < 30 and is_emotion_word(inner) and _NAMES_IT.search(before) is not None
        return match.group() if is_answer or names_emotion else _blank(match)

    return _QUOTES.sub(keep_or_blank, text)


def without_figures_of_speech(text: str) -> str:
    """Blank words that name no emotion of a speaker: "happy to help", "I'm afraid that", "很高兴为您"."""
    return _FIGURES_OF_SPEECH.sub(_blank, text)


def without_options(text: str, found: Sequence[Mention]) -> list[Mention]:
    """Leave out mentions in an enumeration of :data:`MOST_OPTIONS` or more different emotions."""
    kept: list[Mention] = []
    run: list[Mention] = []
    for mention in found:
        if run and not _LIST_GAP.fullmatch(text, run[-1].end, mention.start):
            kept += _unless_options(run)
            run = []
        run.append(mention)
    return kept + _unless_options(run)


def _unless_options(run: list[Mention]) -> list[Mention]:
    return [] if len({mention.emotion for mention in run}) >= MOST_OPTIONS else run


def _blank(match: re.Match[str]) -> str:
    return " " * len(match.group())
