"""EMOVO (Costantini et al. 2014), Italian: ``<speaker>/<emotion>-<speaker>-<sentence>.wav``, 6 x 7 x 14 files."""

import re
from collections.abc import Iterator
from pathlib import Path

from c2ser_lightning.data.ledger import Skip
from tools.corpora.base import ManifestRow
from tools.corpora.named_files import NamedFiles, Utterance

SENTENCES = {
    "b1": "Gli operai si alzano presto.",
    "b2": "I vigili sono muniti di pistola.",
    "b3": "La cascata fa molto rumore.",
    "l1": "L'autunno prossimo Tony partirà per la Spagna: nella prima metà di ottobre.",
    "l2": "Ora prendo la felpa di là ed esco per fare una passeggiata.",
    "l3": "Un attimo dopo s'è incamminato... ed è inciampato.",
    "l4": "Vorrei il numero telefonico del Signor Piatti.",
    "n1": "La casa forte vuole col pane.",
    "n2": "La forza trova il passo e l'aglio rosso.",
    "n3": "Il gatto sta scorrendo nella pera.",
    "n4": "Insalata pastasciutta coscia d'agnello limoncello.",
    "n5": "Uno quarantatré dieci mille cinquantasette venti.",
    "d1": "Sabato sera cosa farà?",
    "d2": "Porti con te quella cosa?",
}
GENDERS = {"f": "female", "m": "male"}


def _utterance(match: re.Match[str]) -> Utterance:
    speaker = match["speaker"].lower()
    sentence = SENTENCES[match["sentence"].lower()]
    return Utterance(match["label"].lower(), f"emovo_{speaker}", "it", GENDERS[speaker[0]], sentence, "test")


EMOVO = NamedFiles(
    corpus="EMOVO",
    pattern=re.compile(
        rf"(?P<label>neu|dis|gio|pau|rab|sor|tri)-(?P<speaker>[fm]\d)-(?P<sentence>{'|'.join(SENTENCES)})", re.I
    ),
    example="f1/gio-f1-b1.wav",
    utterance=_utterance,
)


def read_emovo(data: Path) -> Iterator[ManifestRow | Skip]:
    """Read EMOVO; all of it is the test split, as the paper evaluates on it without training (Table IV).

    Raises:
        CorpusError: Not this corpus.
    """
    yield from EMOVO.read(data)
