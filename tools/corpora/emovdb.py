"""EmoV-DB (Adigwe et al. 2018), English: ``<speaker>_<Emotion>/<emotion>_<from>-<to>_<sentence>.wav``, four speakers.

Sentence 12 is ``arctic_a0012`` of the CMU Arctic prompts. Transcripts are read from ``cmuarctic.data`` when it lies in
the folder (it is not part of the corpus; festvox.org publishes it), and are empty without it.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from c2ser_lightning.data.ledger import Skip
from tools.corpora.base import ManifestRow
from tools.corpora.files import read_text
from tools.corpora.named_files import NamedFiles, Utterance

GENDERS = {"bea": "female", "jenie": "female", "josh": "male", "sam": "male"}
PROMPTS = "cmuarctic.data"
_PROMPT = re.compile(r'\(\s*arctic_a(\d{4})\s+"(.*)"\s*\)')


def _utterance(match: re.Match[str]) -> Utterance:
    speaker = match["speaker"].lower()
    return Utterance(match["label"], f"emovdb_{speaker}", "en", GENDERS[speaker], split="test")


EMOVDB = NamedFiles(
    corpus="EmoV-DB",
    pattern=re.compile(
        rf"(?P<speaker>{'|'.join(GENDERS)})[_/-](?P<label>Amused|Angry|Anger|Disgusted|Disgust|Neutral|Sleepy)/"
        r"\w+?_\d+[-_]\d+_(?P<sentence>\d+)",
        re.I,
    ),
    example="bea_Amused/amused_1-15_0001.wav",
    utterance=_utterance,
    depth=2,
)


def read_emovdb(data: Path) -> Iterator[ManifestRow | Skip]:
    """Read EmoV-DB; all of it is the test split, as the paper evaluates on it without training (Table IV).

    Raises:
        CorpusError: Not this corpus.
    """
    prompts = dict(_PROMPT.findall(read_text(data / PROMPTS))) if (data / PROMPTS).is_file() else {}

    def with_text(match: re.Match[str]) -> Utterance:
        text = prompts.get(f"{int(match['sentence']):04d}", "").replace('\\"', '"')
        return replace(_utterance(match), transcript=text)

    yield from EMOVDB.read(data, with_text)
