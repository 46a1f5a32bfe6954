"""Write a test set in the layout that Emo-Emilia is released in, which the reader ``emo-emilia`` reads."""

import json
from collections.abc import Sequence
from pathlib import Path

import soundfile
from tqdm import tqdm

from c2ser_lightning.data.audio import SAMPLE_RATE, AudioError
from c2ser_lightning.data.ledger import Skip
from tools.corpora.recording import load_recording
from tools.emo_emilia.candidate import Candidate

CORPUS_FOLDER = "Emo-Emilia"
LIST_FILE = "Emo-Emilia-ALL.jsonl"
SOUND_FOLDER = "wav"


def write_layout(candidates: Sequence[Candidate], folder: Path) -> tuple[Path, list[Skip]]:
    """Write ``Emo-Emilia/wav/<index>.wav`` (16 kHz, 16 bit), and ``Emo-Emilia-ALL.jsonl`` when all of them are there.

    Sound of an earlier merge that is no longer part of the set is removed.

    Args:
        candidates: The test set.
        folder: Where ``Emo-Emilia`` is written.

    Returns:
        The list, and what could not be read.
    """
    sound = folder / CORPUS_FOLDER / SOUND_FOLDER
    sound.mkdir(parents=True, exist_ok=True)
    listing = folder / CORPUS_FOLDER / LIST_FILE
    listing.unlink(missing_ok=True)
    written: list[Candidate] = []
    unread: list[Skip] = []
    for one in tqdm(candidates, desc="writing sound", unit="utt"):
        try:
            waveform = load_recording(one.recording)
        except AudioError as error:
            unread.append(Skip(one.index, error.reason, str(error), one.file))
            continue
        soundfile.write(sound / f"{one.index}.wav", waveform, SAMPLE_RATE, subtype="PCM_16")
        written.append(one)
    names = {f"{one.index}.wav" for one in written}
    for stale in [path for path in sound.glob("*.wav") if path.name not in names]:
        stale.unlink()
    partial = listing.with_suffix(".jsonl.partial")
    partial.write_text("".join(_line(one) for one in written), encoding="utf-8")
    partial.replace(listing)
    return listing, unread


def _line(one: Candidate) -> str:
    entry = {
        "index": one.index,
        "emotion": one.emotion,
        "wav": f"./{CORPUS_FOLDER}/{SOUND_FOLDER}/{one.index}.wav",
        "text": one.text,
    }
    return json.dumps(entry, ensure_ascii=False) + "\n"
