"""How each corpus spells its emotions, and where each belongs: the one table of label harmonisation. Data only.

A label is looked up first under its corpus, then among the common spellings. ``None`` marks a label that is known and
has no home among the seven emotions of the paper (IV-A); utterances with such a label are left out and counted.
"""

from collections.abc import Mapping
from types import MappingProxyType

LabelMap = Mapping[str, str | None]

COMMON_LABELS: LabelMap = MappingProxyType(
    {
        **{name: name for name in ("anger", "happiness", "neutral", "sadness", "surprise", "disgust", "fear")},
        "angry": "anger",
        "happy": "happiness",
        "joy": "happiness",
        "excited": "happiness",
        "excitement": "happiness",
        "amused": "happiness",
        "sad": "sadness",
        "surprised": "surprise",
        "disgusted": "disgust",
        "fearful": "fear",
        "neutral state": "neutral",
        **dict.fromkeys(("calm", "sleepy", "boredom", "bored", "worried", "contempt", "frustration", "frustrated")),
        **dict.fromkeys(("other", "unknown", "no agreement")),
    }
)
"""Spellings found in most corpora's label files, lower case."""

_PODCAST: LabelMap = MappingProxyType(
    {
        "a": "anger",
        "h": "happiness",
        "s": "sadness",
        "n": "neutral",
        "u": "surprise",
        "f": "fear",
        "d": "disgust",
        **dict.fromkeys(("c", "o", "x")),  # contempt, other, no agreement
    }
)

CORPUS_LABELS: Mapping[str, LabelMap] = MappingProxyType(
    {
        "iemocap": {
            "ang": "anger",
            "hap": "happiness",
            "exc": "happiness",
            "neu": "neutral",
            "sad": "sadness",
            "sur": "surprise",
            "dis": "disgust",
            "fea": "fear",
            **dict.fromkeys(("fru", "oth", "xxx")),  # frustration, other, no agreement
        },
        "msppodcast": _PODCAST,
        "biicpodcast": _PODCAST,
        "emovo": {
            "rab": "anger",
            "gio": "happiness",
            "neu": "neutral",
            "tri": "sadness",
            "sor": "surprise",
            "dis": "disgust",
            "pau": "fear",
        },
        "emodb": {
            "w": "anger",
            "f": "happiness",
            "n": "neutral",
            "t": "sadness",
            "e": "disgust",
            "a": "fear",
            "l": None,  # boredom
        },
        "cremad": {
            "ang": "anger",
            "hap": "happiness",
            "neu": "neutral",
            "sad": "sadness",
            "dis": "disgust",
            "fea": "fear",
            "a": "anger",
            "h": "happiness",
            "n": "neutral",
            "s": "sadness",
            "d": "disgust",
            "f": "fear",
        },
        "asvpesd": {
            "02": "neutral",
            "03": "happiness",
            "04": "sadness",
            "05": "anger",
            "06": "fear",
            "07": "disgust",
            "08": "surprise",
            "09": "happiness",  # 09 is excited
            # boredom, pleasure, pain, disappointment, breath, unknown
            **dict.fromkeys(("01", "10", "11", "12", "13", "17")),
        },
    }
)
"""Codes that mean something in one corpus only, lower case; corpora by name without case and punctuation.

What the paper says: 'excited' is merged into happiness for IEMOCAP (IV-A), 'amused' and 'joy' into happiness for the
test sets (V-B). Corpora that are not listed here use common spellings alone.
"""


def corpus_id(name: str) -> str:
    """Return a corpus' name without case and punctuation: ``MSP-Podcast`` and ``msp_podcast`` are one."""
    return "".join(character for character in name.lower() if character.isalnum())
