"""RAVDESS (Livingstone & Russo 2018), speech part: the official ``Actor_XX`` folders, or a folder with a manifest.

A file name has seven fields: modality, vocal channel, emotion, intensity, statement, repetition, actor (odd male, even
female). 'calm' has no home among the seven emotions and is left out; the ledger counts it.
"""

from collections.abc import Iterator
from pathlib import Path

from c2ser_lightning.data.ledger import Skip
from tools.corpora.base import CorpusError, ManifestRow, key_of
from tools.corpora.csv_manifest import read_csv_manifest

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
AUDIO_ONLY, SPEECH = "03", "01"
STATEMENTS = {"01": "Kids are talking by the door.", "02": "Dogs are sitting by the door."}
DEV_ACTORS, TEST_ACTORS = {"21", "22"}, {"23", "24"}


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
    files = sorted(data.glob("Actor_*/*.wav"))
    if not files:
        raise CorpusError(f"{data} holds neither Actor_XX/*.wav nor manifest.csv; is it RAVDESS' speech part?")
    for file in files:
        yield _row(file)


def _row(file: Path) -> ManifestRow | Skip:
    fields = file.stem.split("-")
    known = len(fields) == 7 and fields[2] in LABELS and fields[4] in STATEMENTS and fields[6].isdecimal()
    if not known:
        return Skip(file.stem, "unknown_file_name", "not seven fields of two digits as RAVDESS names files", str(file))
    if (fields[0], fields[1]) != (AUDIO_ONLY, SPEECH):
        return Skip(
            file.stem, "not_speech", "a song or the sound of a video (first two fields other than 03-01)", str(file)
        )
    actor = fields[6]
    split = "dev" if actor in DEV_ACTORS else "test" if actor in TEST_ACTORS else "train"
    return ManifestRow(
        key=key_of(file.name),
        audio=file,
        label=LABELS[fields[2]],
        corpus="RAVDESS",
        speaker=f"ravdess_{actor}",
        gender="male" if int(actor) % 2 else "female",
        language="en",
        transcript=STATEMENTS[fields[4]],
        split=split,
        source=str(file),
    )
