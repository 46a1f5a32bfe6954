"""EMO-DB, the Berlin Database of Emotional Speech (Burkhardt et al. 2005): ``wav/03a01Fa.wav``, 535 files.

A name is speaker (two digits), text, emotion (a German initial) and version.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from c2ser_lightning.data.ledger import Skip
from tools.corpora.base import ManifestRow
from tools.corpora.named_files import NamedFiles, Utterance

SENTENCES = {
    "a01": "Der Lappen liegt auf dem Eisschrank.",
    "a02": "Das will sie am Mittwoch abgeben.",
    "a04": "Heute abend könnte ich es ihm sagen.",
    "a05": "Das schwarze Stück Papier befindet sich da oben neben dem Holzstück.",
    "a07": "In sieben Stunden wird es soweit sein.",
    "b01": "Was sind denn das für Tüten, die da unter dem Tisch stehen?",
    "b02": "Sie haben es gerade hochgetragen und jetzt gehen sie wieder runter.",
    "b03": "An den Wochenenden bin ich jetzt immer nach Hause gefahren und habe Agnes besucht.",
    "b09": "Ich will das eben wegbringen und dann mit Karl was trinken gehen.",
    "b10": "Die wird auf dem Platz sein, wo wir sie immer hinlegen.",
}
WOMEN, MEN = {"08", "09", "13", "14", "16"}, {"03", "10", "11", "12", "15"}


def _utterance(match: re.Match[str]) -> Utterance:
    speaker = match["speaker"]
    gender = "female" if speaker in WOMEN else "male" if speaker in MEN else ""
    return Utterance(match["label"], f"emodb_{speaker}", "de", gender, SENTENCES.get(match["sentence"], ""))


EMODB = NamedFiles(
    corpus="EMO-DB",
    pattern=re.compile(r"(?P<speaker>\d\d)(?P<sentence>[ab]\d\d)(?P<label>[WLEAFTN])(?P<version>[a-z]?)"),
    example="wav/03a01Fa.wav",
    utterance=_utterance,
)


def read_emodb(data: Path) -> Iterator[ManifestRow | Skip]:
    """Read EMO-DB; it has no official split, so that speakers are split as documented in ``tools.splitting``.

    Raises:
        CorpusError: Not this corpus.
    """
    yield from EMODB.read(data)
