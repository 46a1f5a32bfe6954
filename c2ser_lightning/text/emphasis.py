"""How much weight an answer gives to each emotion it names: the main one, one among others, one aside."""

import re
from collections.abc import Sequence
from enum import IntEnum

from c2ser_lightning.text.emotion_words import Mention

REACH = 48
"""Characters before a mention in which its weight is looked for."""


class Weight(IntEnum):
    """What an answer says of a mention's part."""

    ASIDE = 0
    NAMED = 1
    MAIN = 2


_ARTICLES = r"(?:\s+(?:of|a|an|the|by|in|with|di|una?|de|von|z|ein\w*|la|il|el|die|der|das|is|was|be|[:：]))*\W*$"
_MAIN_BEFORE = re.compile(
    r"(?:\b(?:mainly|mostly|primarily|predominantly|chiefly|largely|above all|especially|most of all|first and foremost"
    r"|(?:dominant|main|primary|strongest|prevailing|overall|final) (?:emotions?|feeling|tone|mood|one|answer)"
    r"|top guess|less \w+ than|not so much \w+ as"
    r"|soprattutto|principalmente|prevalentemente|sobre todo|mayormente|predomina[n]?"
    r"|vor allem|überwiegend|hauptsächlich|vorwiegend|in erster linie|głównie|przede wszystkim|przeważnie)\b"
    + _ARTICLES
    + r"|(?:主要(?:是|为|情[绪感][是为])?|更多的?是|更偏向于?|更接近|以"
    r"|最(?:明显|主要|突出|强烈)的(?:情[绪感])?[是为]?|不如说是)$)"
)
_MAIN_BEHIND = re.compile(
    r"\s*(?:(?:clearly\s+)?(?:dominates?|prevails?|predominates?|outweighs?|overshadows)\b"
    r"|(?:is|being|as)\s+(?:clearly\s+)?(?:the\s+)?(?:main|dominant|primary|strongest|prevailing"
    r"|(?:most|more) (?:likely|probable|plausible|fitting)|best)\b|(?:is\s+)?more (?:likely|plausible|probable)\b"
    r"|(?:domina|prevale|überwiegt|dominiert|przeważa|dominuje)\b|(?:占主导|占上风|为主|最明显|更多|多于|胜过|更强|更明显))"
)
_ASIDE_BEFORE = re.compile(
    r"(?:\b(?:hint|touch|trace|tinge|tinged|shade|pinch|bit|dash|undertones?|overtones?|elements?|sprinkle|streak"
    r"|slight|slightly|somewhat|little|faint|mild|mildly|perhaps|maybe|possibly|also|some|may be"
    r"|secondary (?:emotion|feeling|label)|runner-up|second(?: most likely)?|followed|used to be|than|besides|mixed"
    r"|(?:taken|take|mistaken|mistake|read|pass|come|confused) (?:it |this )?(?:for|as|with)"
    r"|outweighs?|overshadows|over"
    r"|could be|might be|might seem|less"
    r"|punta|pizzico|traccia|velo|po'|leggermente|toque|poco|algo|matiz|ligeramente|hauch|etwas|wenig|leicht(?:e[rs]?)?"
    r"|spur"
    r"|odrobin\w+|trochę|nut[ąa]|lekk\w+|nieco)\b"
    + _ARTICLES
    + r"|(?:一丝|一点儿?|略带|略有|略|稍有|稍微|稍|有点儿?|有些|几分|夹杂着?|夹带|些许|其次才?是?"
    r"|多于|胜过|大于|伴有|少许|偶尔)的?$)"
)
_ASIDE_BEHIND = re.compile(
    r"\s*(?:(?:is|comes)\s+(?:the\s+)?(?:second|secondary|less)\b|(?:would|could|might)\b"
    r"|(?:wäre|hätte|avrebbe|sarebbe|tendría|sería|habría|byłb\w+|miałb\w+)\b|较少|较弱|次之|的事|的故事|的语音)"
)
_CONCEDED = re.compile(
    r"(?:\b(?:al)?though\b|\beven (?:though|if)\b|\bwhile\b|\bdespite\b|\bwhereas\b|\bsebbene\b|\bbenché\b|\baunque\b"
    r"|\bobwohl\b|\bchociaż\b|\bmimo że\b|虽然|虽有?|尽管)[^,，.。;；]*$"
)
_TOPIC = re.compile(
    r"(?:\b(?:talk(?:s|ing)?|speak(?:s|ing)?|report(?:s|ing)?|tell(?:s|ing)?|words are|story|content is"
    r"|topic is|complain\w*)"
    r"(?: about| on| of)?|\babout (?:a|an|the|his|her|their)|(?:内容)?讲的?是?|内容是|关于|在讲|谈到)"
    r"[^,，.。;；]{0,30}$"
)
_RANKED = re.compile(r"(?:^|\s)(?:[2-9]\s*[.)]|>)\s*\W*$")


def weights(text: str, found: Sequence[Mention]) -> list[Weight]:
    """Return what part the text gives to each mention.

    Args:
        text: The text in lower case, quotations blanked.
        found: Mentions in it, in order.
    """
    return [_weight(text, mention, found[place - 1].end if place else 0) for place, mention in enumerate(found)]


def _weight(text: str, mention: Mention, floor: int) -> Weight:
    clause = text[max(0, mention.start - 2 * REACH) : mention.start]
    before = text[max(floor, mention.start - REACH) : mention.start]
    if _ASIDE_BEHIND.match(text, mention.end) or _RANKED.search(before) or _CONCEDED.search(clause):
        return Weight.ASIDE
    if _MAIN_BEHIND.match(text, mention.end):
        return Weight.MAIN
    if _ASIDE_BEFORE.search(before):
        return Weight.ASIDE
    if _MAIN_BEFORE.search(before):
        return Weight.MAIN
    return Weight.ASIDE if _TOPIC.search(before) else Weight.NAMED
