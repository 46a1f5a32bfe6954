"""ESD (Zhou et al. 2021), Mandarin (speakers 0001-0010) and English (0011-0020): 20 x 5 x 350 utterances.

``0001/Angry/0001_000351.wav``, with or without a folder ``train``, ``evaluation`` or ``test`` below the emotion;
``0001/0001.txt`` holds number, words and emotion. Every speaker speaks the same 350 sentences of a language in every
emotion, in the order of the file numbers: 1-350 neutral, 351-700 angry, and so on.

The paper holds 3,500 utterances out for testing (IV-A) and does not say which. Here it is every tenth sentence (10, 20,
..., 350) of every speaker and emotion: exactly 20 x 5 x 35, as many of each speaker and emotion, and no sentence of the
test is ever heard in training. ``held_out=official`` takes the corpus' own split instead: 20 sentences evaluation
(dev), 30 test.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Literal

from c2ser_lightning.data.ledger import Skip
from tools.corpora.base import ManifestRow
from tools.corpora.files import read_text
from tools.corpora.named_files import NamedFiles, Utterance

SENTENCES = 350
FIRST_ENGLISH_SPEAKER = 11
WOMEN = frozenset({1, 2, 3, 7, 9, 15, 16, 17, 18, 19})
OFFICIAL = ((20, "dev"), (50, "test"), (SENTENCES, "train"))
"""Sentences up to 20 are the official evaluation set, up to 50 its test set."""


def sentence_of(match: re.Match[str]) -> int:
    """Return which of the 350 sentences an utterance is, from 1."""
    return (int(match["number"]) - 1) % SENTENCES + 1


def _paper_split(sentence: int) -> str:
    return "test" if sentence % 10 == 0 else "train"


def _official_split(sentence: int) -> str:
    return next(split for last, split in OFFICIAL if sentence <= last)


def _utterance(match: re.Match[str]) -> Utterance:
    speaker = int(match["speaker"])
    language = "en" if speaker >= FIRST_ENGLISH_SPEAKER else "zh"
    gender = "female" if speaker in WOMEN else "male"
    split = _paper_split(sentence_of(match))
    return Utterance(match["label"], f"esd_{match['speaker']}", language, gender, split=split)


ESD = NamedFiles(
    corpus="ESD",
    pattern=re.compile(
        r"(.*/)?(?P<label>Angry|Happy|Neutral|Sad|Surprise)/((train|evaluation|test)/)?"
        r"(?P<name>(?P<speaker>\d{4})_(?P<number>\d{6}))"
    ),
    example="0001/Angry/0001_000351.wav",
    utterance=_utterance,
    depth=3,
)


def read_esd(data: Path, *, held_out: Literal["paper", "official"] = "paper") -> Iterator[ManifestRow | Skip]:
    """Read ESD with a held-out set as large as the paper's, or with the official split.

    Args:
        data: Folder that holds ``0001``, ..., ``0020``, or folders of these.
        held_out: ``paper`` (every tenth sentence) or ``official``.

    Raises:
        CorpusError: Not this corpus.
    """
    words = _transcripts(data)

    def with_words(match: re.Match[str]) -> Utterance:
        sentence = sentence_of(match)
        split = _paper_split(sentence) if held_out == "paper" else _official_split(sentence)
        return replace(_utterance(match), transcript=words.get(match["name"], ""), split=split)

    for row in ESD.read(data, with_words):
        # The file's own name is the key: it is unique, and the folders between differ between copies of the corpus.
        yield replace(row, key=row.key[-len("0001_000351") :]) if isinstance(row, ManifestRow) else row


def _transcripts(data: Path) -> dict[str, str]:
    """Return the words of every utterance; the text files come in several encodings."""
    words: dict[str, str] = {}
    for path in sorted({*data.glob("0*/0*.txt"), *data.glob("*/0*/0*.txt")}):
        lines = (line.split("\t") for line in read_text(path).splitlines())
        words.update({parts[0].strip(): parts[1].strip() for parts in lines if len(parts) >= 2})
    return words
