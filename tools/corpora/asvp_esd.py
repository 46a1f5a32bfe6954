"""ASVP-ESD (Landry et al. 2020), speech and non-speech sounds from films and the web: ``Audio/actor_12/03-01-06-...``.

A name is fields of digits: modality, vocal channel (01 speech, 02 other sounds), emotion, intensity, statement, actor
(even male, odd female), age, source, language, and further numbers. Field nine is missing from some names. There are no
transcripts.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from c2ser_lightning.data.ledger import Skip
from tools.corpora.base import ManifestRow, RowError
from tools.corpora.named_files import NamedFiles, Utterance

SPEECH = "01"
LANGUAGES = {"01": "zh", "02": "en", "04": "fr"}
UNDETERMINED = "und"


def _utterance(match: re.Match[str]) -> Utterance:
    actor = int(match["actor"])
    language = LANGUAGES.get(match["language"] or "", UNDETERMINED)
    return Utterance(match["label"], f"asvp_esd_{actor}", language, "female" if actor % 2 else "male", "", "test")


ASVP_ESD = NamedFiles(
    corpus="ASVP-ESD",
    pattern=re.compile(
        r"\d\d-(?P<channel>\d\d)-(?P<label>\d\d)-(?P<intensity>\d+)-\d+-(?P<actor>\d+)-\d+-\d+"
        r"(-(?P<language>\d+)[-\d ]*)?"
    ),
    example="Audio/actor_12/03-01-06-01-02-12-02-01-01-16.wav",
    utterance=_utterance,
)


def read_asvp_esd(data: Path, *, speech_only: bool = False) -> Iterator[ManifestRow | Skip]:
    """Read ASVP-ESD; all of it is the test split, as the paper evaluates on it without training (Table IV).

    Args:
        data: Folder that holds ``Audio`` and ``Bonus``.
        speech_only: Leave out what is no speech: laughter, crying, breath.

    Raises:
        CorpusError: Not this corpus.
    """

    def speech(match: re.Match[str]) -> Utterance:
        if speech_only and match["channel"] != SPEECH:
            raise RowError("not_speech", f"vocal channel {match['channel']} is not speech (01)")
        return _utterance(match)

    yield from ASVP_ESD.read(data, speech)
