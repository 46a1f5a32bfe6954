"""Find the transcript in a text, whatever its punctuation and quotation marks, and set quotations apart."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_HAN = r"\u3400-\u4dbf\u4e00-\u9fff"
_WORD = re.compile(rf"[{_HAN}]|(?:(?![{_HAN}])[^\W_])+(?:['’](?:(?![{_HAN}])[^\W_])+)*")
_MARKS = '"“”„«»「」『』'
_SINGLE = "'‘’"
_QUOTED = re.compile(
    r"“([^”]*)”|「([^」]*)」|『([^』]*)』|«([^»]*)»|\"([^\"]*)\""
    r"|(?<!\w)'([^']*(?:'\w[^']*)*)'(?!\w)|(?<!\w)‘([^’]*(?:’\w[^’]*)*)’(?!\w)"
)
_ANY_MARK = re.compile(rf"[{_MARKS}]|(?<!\w)[{_SINGLE}]|[{_SINGLE}](?!\w)")


@dataclass(frozen=True, slots=True)
class Word:
    """One word: letters and digits in lower case, without apostrophes; each Han character is a word."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Reading:
    """A text with its quotations set apart.

    Attributes:
        prose: The text with quoted transcript blanked and all quotation marks removed; positions are kept.
        transcript_at: Where the whole transcript is quoted first; ``None`` when it is not.
        fragments: Quoted parts of the transcript, other than the whole.
        foreign: Quotations that are not in the transcript.
    """

    prose: str
    transcript_at: int | None
    fragments: tuple[str, ...]
    foreign: tuple[str, ...]


def words_of(text: str) -> list[Word]:
    """Cut a text into words for comparison."""
    return [Word(_plain(match.group()), match.start(), match.end()) for match in _WORD.finditer(text)]


def _plain(word: str) -> str:
    return unicodedata.normalize("NFKC", word).casefold().replace("'", "").replace("’", "")


def read(text: str, transcript: str) -> Reading:
    """Set the quotations of a text apart.

    Args:
        text: A teacher's answer.
        transcript: What was said; may be empty.
    """
    spoken = [word.text for word in words_of(transcript)]
    whole = list(_quoted_places(text, spoken)) if spoken else []
    rest = text
    for start, end in whole:
        rest = _blank(rest, start, end)
    fragments, foreign = [], []
    for match in _QUOTED.finditer(rest):
        inner = next((group for group in match.groups() if group is not None), "")
        said = [word.text for word in words_of(inner)]
        if said and next(_places(spoken, said), None) is not None:
            fragments.append(inner)
            rest = _blank(rest, match.start(), match.end())
        elif said:
            foreign.append(inner)
    return Reading(_ANY_MARK.sub(" ", rest), whole[0][0] if whole else None, tuple(fragments), tuple(foreign))


def _quoted_places(text: str, spoken: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield where the spoken words stand between quotation marks: from the opening mark to behind the closing one."""
    words = words_of(text)
    for first in _places([word.text for word in words], spoken):
        last = first + len(spoken) - 1
        gap_start = words[first - 1].end if first else 0
        gap_end = words[last + 1].start if last + 1 < len(words) else len(text)
        opening = _first_mark(text, gap_start, words[first].start)
        closing = _last_mark(text, words[last].end, gap_end)
        if opening is not None and closing is not None:
            yield opening, closing + 1


def _places(words: Sequence[str], wanted: Sequence[str]) -> Iterator[int]:
    size = len(wanted)
    return (at for at in range(len(words) - size + 1) if list(words[at : at + size]) == list(wanted))


def _first_mark(text: str, start: int, end: int) -> int | None:
    return next((at for at in range(start, end) if text[at] in _MARKS + _SINGLE), None)


def _last_mark(text: str, start: int, end: int) -> int | None:
    return next((at for at in range(end - 1, start - 1, -1) if text[at] in _MARKS + _SINGLE), None)


def _blank(text: str, start: int, end: int) -> str:
    """Replace a stretch by spaces behind a full stop, so that words on both sides are not read together."""
    return text[:start] + "." + " " * (end - start - 1) + text[end:]
