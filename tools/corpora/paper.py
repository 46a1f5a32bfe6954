"""What the paper says of each corpus: Tables II (training), III (Emo-Emilia) and IV (evaluation). Data only."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from c2ser_lightning.corpus_labels import corpus_id
from c2ser_lightning.emotions import EMOTIONS


@dataclass(frozen=True, slots=True)
class PaperFacts:
    """One row of a table of the paper.

    Attributes:
        table: Number of the table.
        source: Where the speech comes from, in the paper's word.
        emotions: The emotion labels that the table names.
        language: As in the table.
        utterances: Number of utterances.
        hours: Hours, in Tables II and III.
        remark: What should be known before comparing.
    """

    table: str
    source: str
    emotions: tuple[str, ...]
    language: str
    utterances: int
    hours: float | None = None
    remark: str = ""


FIVE = EMOTIONS[:5]
SLEEPY = ("anger", "happiness", "neutral", "disgust", "sleepy")
_ESD = "Table II prints 3,500 utterances beside the hours of all 35,000; the text holds 3,500 out for testing"
_MSP = "v1.11 lists 151,654 turns; without the 2,347 of Test3, whose labels are not published, it is this number"

PAPER: Mapping[str, tuple[PaperFacts, ...]] = MappingProxyType(
    {
        "iemocap": (PaperFacts("II", "Act", EMOTIONS[:4], "English", 5331, 7.0, "four classes: four_classes=true"),),
        "esd": (
            PaperFacts("II", "Act", FIVE, "Mix", 3500, 29.1, _ESD),
            PaperFacts("IV", "Act", FIVE, "Mix", 35000),
        ),
        "mer2024": (PaperFacts("II", "TV", FIVE, "Chinese", 5030, 5.9),),
        "biicpodcast": (PaperFacts("II", "Podcast", EMOTIONS, "Chinese", 70000, 147.43, "V1.01"),),
        "msppodcast": (PaperFacts("II", "Podcast", EMOTIONS, "English", 149307, 237.94, _MSP),),
        "casia": (PaperFacts("IV", "Act", (*FIVE, "fear"), "Mandarin", 1200),),
        "m3ed": (PaperFacts("IV", "TV", EMOTIONS, "Mandarin", 24437),),
        "meld": (
            PaperFacts("IV", "TV", EMOTIONS, "English", 13706, remark="the lists hold 13,708 rows, two without clip"),
        ),
        "emovdb": (PaperFacts("IV", "Act", SLEEPY, "English", 6887, remark="with 1,720 sleepy"),),
        "asvpesd": (PaperFacts("IV", "Media", FIVE, "Mix", 13964, remark="with all 14 codes of the corpus"),),
        "emovo": (PaperFacts("IV", "Act", EMOTIONS, "Italian", 588),),
        "mesd": (PaperFacts("IV", "Act", (*EMOTIONS[:4], "disgust", "fear"), "Mexican", 862),),
        "emoemilia": (PaperFacts("III, IV", "Media", EMOTIONS, "Mix", 1400, 3.29),),
    }
)
"""By corpus, its name without case and punctuation. Table II has no row for MELD, though the text trains on it."""


def paper_facts(corpus: str) -> tuple[PaperFacts, ...]:
    """Return what the paper says of a corpus, in any spelling of its name; nothing if it does not use it."""
    return PAPER.get(corpus_id(corpus), ())
