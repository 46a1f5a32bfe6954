"""Which emotion words of an answer are denied: by what stands before them, behind them, or before their list."""

import re
from collections.abc import Sequence

from c2ser_lightning.text.emotion_words import Mention

REACH = 60
"""Characters before a word in which a negation is looked for."""

_NO_NEGATION = re.compile(
    r"\b(?:no|without(?: a| any)?|beyond) doubt\b|\bn(?:o|')t (?:only|just|merely|simply)\b|\bnothing but\b"
    r"|\bnever (?:heard|seen|known|been)\b(?=[^.;,]{0,25}\b(?:so|more|such)\b)"
    r"|\bcould(?: not|n't) be(?= more\b| \w+er\b)"
    r"|\bno(?:n)? (?:solo|sólo|soltanto)\b|\bnicht nur\b|\bnie tylko\b"
    r"|不仅|不只|不单|不禁|毫无疑问|忍不住|不无|毫不掩饰|无疑|没有什么比|无比|不由得?|不免|难免"
)
_LATIN_BEFORE = re.compile(
    r"(?:\b(?:not|no|never|without|neither|nor|hardly|barely|scarcely|cannot|\w+n't|unlike|lack(?:s|ing)?|nothing|nobody"
    r"|rather than|instead of|as opposed to|far from|anything but|wrong to (?:call|say)|rul(?:es?|ed|ing) out|exclud\w+"
    r"|(?:free|devoid|absence|lack) of"
    r"|non|senza|né|mai|nessun[ao]?|niente|priv[oa] di|anziché|invece (?:di|che)|piuttosto che|più che"
    r"|sin|ni|nunca|tampoco|ningun[ao]?|ningún|nada de|en (?:lugar|vez) de|más que"
    r"|nicht|kein\w*|ohne|weder|noch|nie|niemals|keineswegs|keinesfalls|statt|anstatt"
    r"|bez|ani|brak|żadn\w+|zamiast|nigdy|wcale)\b"
    r"(?:\s+(?!(?:but|and|yet|while|ma|e|pero|sino|y|sondern|aber|und|lecz|ale|tylko|a)\b)\w+){0,5}\s*|\bnon-)$"
)
_HAN_BEFORE = re.compile(
    r"(?:不是|并非|没有?|而非|不带|毫无|并不|不太|不|无|未|非|排除了?|听不出|看不出|与其说是?|谈不上)"
    r"(?:很|太|是|感到|任何|那么|怎么|明显的?|一丝|一点|特别|表现出|流露出|带有?|也|觉得|什么|因为|属于|\s)*$"
)
_BEHIND = re.compile(
    r"^\s*(?:(?:is|are|was|were|seems)\s+(?:absent|missing|not|unlikely|ruled out|excluded|out of the question)\b"
    r"|(?:is|was)n't\b|(?:can|could|may|must) be (?:ruled out|excluded|discarded)\b"
    r"|(?:ist|war|klingt|wirkt|sind)\s+\w+\s+nicht\b"
    r"|\?\s*(?:no|not|nein|nie|不|没)|的?(?:可能性?)?(?:可以)?(?:被)?排除)"
)
_ALTERNATIVE = re.compile(
    r"\s*(?:,\s*)?(?:or|nor|and|noch|oder|ni|né|o|ani|lub|czy|或者?|或是|、|和|及)?\s*"
    r"(?:even|any|with|of|to|as|to be|from|the|明显的?)?\s*"
)
_ENDS_ALTERNATIVES = re.compile(r"(?:\b(?:or|nor|noch|oder|ni|né|o|ani|lub|czy)\b|或|、|和|及)")


def denied(text: str, found: Sequence[Mention]) -> list[bool]:
    """Tell for each mention whether the text denies it.

    A negation reaches over at most five words, never over punctuation, "but" or another emotion; in a list closed by
    "or" it reaches all: "no anger, sadness or fear".

    Args:
        text: The text in lower case, quotations blanked.
        found: Mentions in it, in order.
    """
    plain = _NO_NEGATION.sub(lambda match: " " * len(match.group()), text)
    verdicts: list[bool] = []
    for place, mention in enumerate(found):
        floor = found[place - 1].end if place else 0
        before = plain[max(floor, mention.start - REACH) : mention.start]
        own = bool(_LATIN_BEFORE.search(before) or _HAN_BEFORE.search(before) or _BEHIND.match(plain[mention.end :]))
        verdicts.append(own or (place > 0 and verdicts[-1] and _same_list(text, found, place)))
    return verdicts


def _same_list(text: str, found: Sequence[Mention], place: int) -> bool:
    """Whether a mention is joined to the one before by "or", or by a comma in a list that "or" closes."""
    gap = text[found[place - 1].end : found[place].start]
    if _ALTERNATIVE.fullmatch(gap) is None:
        return False
    if _ENDS_ALTERNATIVES.search(gap):
        return True
    return place + 1 < len(found) and _same_list(text, found, place + 1)
