"""A small corpus of tones in a CSV list, with everything that can be wrong with a row."""

import csv
from pathlib import Path

import numpy as np
import soundfile

from tests.shards import tone
from tools.corpora.base import ManifestRow

SPLITS = ("train", "train", "train", "train", "dev", "test")
EMOTIONS = ("happy", "sad", "angry", "neutral")


def listed(folder: Path, count: int, *, seconds: float = 0.3, **changes: str) -> list[dict[str, str]]:
    """Write sounds and return the fields of their rows; ``changes`` replaces fields."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for number in range(count):
        file = f"a{number:03d}.wav"
        if not (folder / file).exists():
            soundfile.write(folder / file, tone(number, seconds), 16_000)
        facts = {"speaker": f"s{number % 5}", "language": "en", "text": f"word {number}", "split": SPLITS[number % 6]}
        rows.append({"file": file, "emotion": EMOTIONS[number % 4], **facts, **changes})
    return rows


def bad(folder: Path) -> list[dict[str, str]]:
    """Return rows that end in the ledger, each for a reason of its own."""
    for name, samples in (("short", tone(0, 0.05)), ("long", tone(0, 21.0)), ("silent", np.zeros(16_000))):
        soundfile.write(folder / f"{name}.wav", samples, 16_000)
    soundfile.write(folder / "cut.flac", np.random.default_rng(0).normal(size=16_000) * 0.1, 16_000)
    whole = (folder / "cut.flac").read_bytes()
    (folder / "cut.flac").write_bytes(whole[: len(whole) // 2])
    files = ("short.wav", "long.wav", "silent.wav", "cut.flac", "gone.wav", "a000.wav")
    rows = [{"file": file, "emotion": "sad", "split": "train"} for file in files]
    return [*rows, {"file": "mood.wav", "emotion": "grumpy"}, {"file": "calm.wav", "emotion": "calm"}]


def manifest(folder: Path, rows: list[dict[str, str]]) -> Path:
    path = folder / "manifest.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, sorted({key for row in rows for key in row}))
        writer.writeheader()
        writer.writerows(rows)
    return path


def manifest_rows(folder: Path, count: int) -> list[ManifestRow]:
    """The same as rows, without a list."""
    return [
        ManifestRow(
            Path(row["file"]).stem,
            folder / row["file"],
            row["emotion"],
            "toy",
            row["speaker"],
            "",
            "en",
            row["text"],
            row["split"],
            f"row {number}",
        )
        for number, row in enumerate(listed(folder, count))
    ]


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
