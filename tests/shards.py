"""Write small shards of synthetic sound, without the tools, for tests of what reads them."""

import io
import tarfile
from dataclasses import replace
from pathlib import Path

import numpy as np

from c2ser_lightning.data.audio import SAMPLE_RATE, encode_flac
from c2ser_lightning.data.record import Levels, UtteranceRecord
from c2ser_lightning.data.shard_index import write_index
from c2ser_lightning.emotions import EMOTIONS


def record(number: int, seconds: float, **changes: object) -> UtteranceRecord:
    emotion = EMOTIONS[number % len(EMOTIONS)]
    made = UtteranceRecord(
        key=f"utt{number:03d}",
        corpus="toy",
        speaker=f"speaker{number % 3}",
        language="en",
        split="train",
        emotion=emotion,
        transcript=f"word {number}",
        duration=seconds,
        levels=Levels("low", "medium", "high"),
        explicit=f'The speaker spoke at a fast pace: "word {number}". The emotion was inferred to be {emotion}.',
        implicit=f"This speech conveys {emotion}.",
    )
    return replace(made, **changes)


def tone(number: int, seconds: float) -> np.ndarray:
    """A tone whose pitch tells the emotion, with a little noise."""
    time = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    noise = np.random.default_rng(number).normal(size=len(time)) * 0.01
    return (0.3 * np.sin(2 * np.pi * 110 * (1 + number % len(EMOTIONS)) * time) + noise).astype(np.float32)


def write_tar(path: Path, members: list[tuple[str, bytes]], *, index: bool = True) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w") as archive:
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    if index:
        write_index(path)
    return path


def members(records: list[UtteranceRecord]) -> list[tuple[str, bytes]]:
    made = []
    for number, item in enumerate(records):
        made.append((f"{item.key}.flac", encode_flac(tone(number, item.duration))))
        made.append((f"{item.key}.json", item.to_json().encode()))
    return made


def write_split(folder: Path, split: str, durations: list[float], **changes: object) -> Path:
    """One shard of a split with clips of the given seconds; returns the tar."""
    records = [record(number, seconds, split=split, **changes) for number, seconds in enumerate(durations)]
    return write_tar(folder / f"{split}-000000.tar", members(records))
