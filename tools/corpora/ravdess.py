"""RAVDESS (Livingstone & Russo 2018), speech part: the official ``Actor_XX`` folders, or a folder with a manifest.

A file name has seven fields: modality, vocal channel, emotion, intensity, statement, repetition, actor (odd male, even
female). 'calm' has no home among the seven emotions and is left out; the ledger counts it.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from c2ser_lightning.data.ledger import Skip
from tools.corpora.base import CorpusError, ManifestRow, RowError
from tools.corpora.csv_manifest import read_csv_manifest
from tools.corpora.named_files import NamedFiles, Utterance

LABELS = {
    "01": "neutral",
    "02": "calm",
    "03": "happy",
    "04": "sad",
    "05": "angry",
    "06": "fearful",
    "07": "disgust",
    "08": "surprised",
}
AUDIO_ONLY_SPEECH = ("03", "01")
STATEMENTS = {"01": "Kids are talking by the door.", "02": "Dogs are sitting by the door."}
DEV_ACTORS, TEST_ACTORS = {"21", "22"}, {"23", "24"}


def _utterance(match: re.Match[str]) -> Utterance:
    if (match["modality"], match["channel"]) != AUDIO_ONLY_SPEECH:
        raise RowError("not_speech", "a song or the sound of a video (first two fields other than 03-01)")
    actor = match["actor"]
    split = "dev" if actor in DEV_ACTORS else "test" if actor in TEST_ACTORS else "train"
    gender = "male" if int(actor) % 2 else "female"
    return Utterance(LABELS[match["label"]], f"ravdess_{actor}", "en", gender, STATEMENTS[match["statement"]], split)


RAVDESS = NamedFiles(
    corpus="RAVDESS",
    pattern=re.compile(
        r"(?P<modality>0[123])-(?P<channel>0[12])-(?P<label>0[1-8])-(?P<intensity>0[12])-(?P<statement>0[12])"
        r"-(?P<repetition>0[12])-(?P<actor>\d\d)"
    ),
    example="Actor_01/03-01-05-01-02-01-01.wav",
    utterance=_utterance,
)


def read_ravdess(data: Path) -> Iterator[ManifestRow | Skip]:
    """Read RAVDESS; the official layout is split by speaker: actors 1-20 train, 21-22 dev, 23-24 test.

    Raises:
        CorpusError: The folder is missing or holds neither layout.
    """
    if not data.is_dir():
        raise CorpusError(f"no folder {data}; give the folder that holds Actor_01, Actor_02, ... or a manifest.csv")
    if (data / "manifest.csv").is_file():
        yield from read_csv_manifest(data)
        return
    yield from RAVDESS.read(data)
