"""The fast ways to measure pitch that are compared, and the speech they are compared on."""

import random
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tqdm import tqdm

from c2ser_lightning.data.audio import Waveform
from tools.attributes.pitch import Pitch, PitchSettings, measure_pitch
from tools.corpora.base import ManifestRow
from tools.corpora.csv_manifest import read_csv_manifest
from tools.corpora.recording import load_recording
from tools.make_demo_corpus import main as make_demo_corpus

CHUNK = 16
Clips = dict[str, Waveform]
Way = Callable[[Sequence[Waveform]], list[Pitch]]

WAYS: Mapping[str, PitchSettings] = {
    "penn, hop 10 ms": PitchSettings(hop_seconds=0.01),
    "penn, hop 20 ms (default)": PitchSettings(),
    "penn, hop 50 ms": PitchSettings(hop_seconds=0.05),
    "swift": PitchSettings("swift"),
}


def fast_ways() -> dict[str, Way]:
    """Return the ways by name; each measures clips in the chunks that the data tools use."""
    return {name: _way(settings) for name, settings in WAYS.items()}


def _way(settings: PitchSettings) -> Way:
    def measure(clips: Sequence[Waveform]) -> list[Pitch]:
        chunks = [clips[start : start + CHUNK] for start in range(0, len(clips), CHUNK)]
        return [pitch for chunk in chunks for pitch in measure_pitch(chunk, settings)]

    return measure


def read(folders: Sequence[Path], count: int) -> Clips:
    """Return so many clips of the corpora together, in an order drawn once and for all; keys begin with the corpus.

    Without folders it is the synthetic demo corpus, which is spoken now if it is not there.
    """
    folders = folders or [_demo_corpus()]
    rows = [row for folder in folders for row in read_csv_manifest(folder) if isinstance(row, ManifestRow)]
    rows.sort(key=lambda row: str(row.audio))
    random.Random(0).shuffle(rows)
    chosen = tqdm(rows[:count], desc="reading", unit="utt")
    return {f"{row.corpus}/{row.key}": load_recording(row.audio, min_seconds=0) for row in chosen}


def _demo_corpus() -> Path:
    folder = Path("build/demo_corpus")
    if not (folder / "manifest.csv").is_file():
        make_demo_corpus(["--out", str(folder)])
    return folder
