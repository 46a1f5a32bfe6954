"""A corpus of any size out of a small one: stretches of its recordings, each louder or softer and noisier by chance."""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from tqdm import tqdm

from c2ser_lightning.data.audio import SAMPLE_RATE, Waveform, load_audio

SPEAKERS = 200
SPLITS = ("train",) * 8 + ("dev", "test")


@dataclass(frozen=True, slots=True)
class AugmentedCorpus:
    """A folder with a ``manifest.csv``.

    Attributes:
        folder: Where it is.
        utterances: How many it has.
        seconds: Their length together.
    """

    folder: Path
    utterances: int
    seconds: float

    @classmethod
    def make(cls, data: Path, folder: Path, utterances: int, seconds: float) -> "AugmentedCorpus":
        """Repeat the recordings of a manifest until there are enough; all lengths are within a third of the mean."""
        folder.mkdir(parents=True)
        with (data / "manifest.csv").open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        numbers, total = np.random.default_rng(0), 0.0
        sounds: dict[str, Waveform] = {}
        with (folder / "manifest.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["file", "emotion", "speaker", "language", "text", "split"])
            for number in tqdm(range(utterances), desc="augmenting", unit="utt"):
                row = rows[number % len(rows)]
                if row["file"] not in sounds:
                    sounds[row["file"]] = load_audio(data / row["file"])
                stretch = _stretch(sounds[row["file"]], seconds, numbers)
                soundfile.write(folder / f"u{number:06d}.wav", stretch, SAMPLE_RATE, subtype="PCM_16")
                split = SPLITS[number % len(SPLITS)]
                # A number makes each transcript another, so that no count of phonemes is remembered.
                text = f"{row['text'][:24]} {number}"
                writer.writerow(
                    [f"u{number:06d}.wav", row["emotion"], f"s{number % SPEAKERS}", row["language"], text, split]
                )
                total += len(stretch) / SAMPLE_RATE
        return cls(folder, utterances, total)


def _stretch(sound: Waveform, seconds: float, numbers: np.random.Generator) -> Waveform:
    length = min(len(sound), round(seconds * numbers.uniform(2 / 3, 4 / 3) * SAMPLE_RATE))
    start = int(numbers.integers(0, len(sound) - length + 1))
    noise = numbers.normal(scale=1e-3, size=length)
    louder = 10 ** (numbers.uniform(-6, 3) / 20)
    return np.clip(sound[start : start + length] * louder + noise, -1, 1).astype(np.float32)
