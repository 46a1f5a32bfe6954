"""CASIA, the public part (Chinese Academy of Sciences): ``<speaker>/<emotion>/<sentence>.wav``, 4 x 6 x 50 files.

The corpus holds no texts in this form. ``texts`` names a file with one sentence number and its text a line; without it
transcripts are empty.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from c2ser_lightning.data.ledger import Skip
from tools.corpora.base import CorpusError, ManifestRow
from tools.corpora.files import read_text
from tools.corpora.named_files import NamedFiles, Utterance


def _utterance(match: re.Match[str]) -> Utterance:
    return Utterance(match["label"], f"casia_{match['speaker'].lower()}", "zh", split="test")


CASIA = NamedFiles(
    corpus="CASIA",
    pattern=re.compile(r"(?P<speaker>\w+)/(?P<label>angry|fear|happy|neutral|sad|surprise)/(?P<sentence>\d+)", re.I),
    example="wangzhe/neutral/239.wav",
    utterance=_utterance,
    depth=3,
)


def read_casia(data: Path, *, texts: Path | None = None) -> Iterator[ManifestRow | Skip]:
    """Read CASIA; all of it is the test split, as the paper evaluates on it without training (Table IV).

    Args:
        data: Folder that holds the speakers' folders.
        texts: File with one sentence number and its text a line.

    Raises:
        CorpusError: Not this corpus, or ``texts`` is no such list.
    """
    known = _texts(texts) if texts else {}

    def with_text(match: re.Match[str]) -> Utterance:
        return replace(_utterance(match), transcript=known.get(match["sentence"], ""))

    yield from CASIA.read(data, with_text)


def _texts(path: Path) -> dict[str, str]:
    if not path.is_file():
        raise CorpusError(f"no file {path} with the texts of CASIA: one sentence number and its text a line")
    split = (line.split(maxsplit=1) for line in read_text(path).splitlines())
    return {parts[0]: parts[1].strip() for parts in split if len(parts) == 2}
