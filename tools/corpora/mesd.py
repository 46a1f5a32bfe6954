"""MESD (Duville et al. 2021), Mexican Spanish single words: ``<Emotion>_<F|M|C>_<A|B>_<word>.wav``.

F, M and C are female, male and child voices; the files do not say which speaker of a kind it is. A and B are the two
corpora of words. A transcript is the word of the file name: lower case, without accents.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from c2ser_lightning.data.ledger import Skip
from tools.corpora.base import ManifestRow
from tools.corpora.named_files import NamedFiles, Utterance

GENDERS = {"F": "female", "M": "male", "C": ""}


def _utterance(match: re.Match[str]) -> Utterance:
    word = match["word"].replace("_", " ").strip()
    return Utterance(match["label"], f"mesd_{match['voice']}", "es", GENDERS[match["voice"]], word, "test")


MESD = NamedFiles(
    corpus="MESD",
    pattern=re.compile(
        r"(?P<label>Anger|Disgust|Fear|Happiness|Neutral|Sadness)_(?P<voice>[FMC])_(?P<words>[AB])_(?P<word>.+)"
    ),
    example="Anger_F_A_tarde.wav",
    utterance=_utterance,
)


def read_mesd(data: Path) -> Iterator[ManifestRow | Skip]:
    """Read MESD; all of it is the test split, as the paper evaluates on it without training (Table IV).

    Raises:
        CorpusError: Not this corpus.
    """
    yield from MESD.read(data)
