"""Build small shard folders with the project's own writers: clean ones, and with one thing wrong."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from c2ser_lightning.data.audio import Waveform, encode_flac
from c2ser_lightning.data.ledger import Ledger, Skip
from c2ser_lightning.data.record import Attributes, Levels, UtteranceRecord
from tests.shards import record, tone
from tools.inspection.inspection import Inspection
from tools.level_source import LevelSource
from tools.shard_info import FolderInfo, SplitInfo, unmeasured
from tools.shard_writer import ShardMembers, write_shard

SIZES = {"train": 21, "dev": 7, "test": 7}
SECONDS = 0.5
NO_TEXT_OF_TEACHER: dict[str, object] = {"teacher": "template", "texts": {}}


def utterances() -> list[UtteranceRecord]:
    """A corpus with nothing to warn of: every split balanced, speakers of their own, everything measured."""
    made = []
    for split, size in SIZES.items():
        for _ in range(size):
            number = len(made)
            pitch, loudness, rate = 100.0 + number % 5 * 20, -30.0 + number % 7, 8.0 + number % 4
            changes = {"speaker": f"{split}{number % 2}", "attributes": Attributes(pitch, loudness, rate)}
            made.append(record(number, SECONDS, split=split, **changes))
    return made


def sound_of(item: UtteranceRecord) -> Waveform:
    return tone(int(item.key[3:6]), item.duration)


def build(
    folder: Path,
    records: list[UtteranceRecord] | None = None,
    *,
    sounds: Mapping[str, Waveform] | None = None,
    left_out: Mapping[str, int] | None = None,
    teacher: Mapping[str, object] | None = None,
    finish: Callable[[UtteranceRecord], UtteranceRecord] = lambda item: item,
) -> Path:
    """Write a folder as ``tools.make_shards`` does; ``finish`` changes records after their levels are set."""
    source = LevelSource.of(records or utterances(), "corpus", 2)
    levelled, source = source.levelled(records or utterances())
    finished = [finish(item) for item in levelled]
    splits = {}
    for split in SIZES:
        chosen = [item for item in finished if item.split == split]
        audio = ((sounds or {}).get(item.key, sound_of(item)) for item in chosen)
        pairs = zip(chosen, audio, strict=True)
        made = [ShardMembers(item.key, item.to_json(), encode_flac(wave)) for item, wave in pairs]
        parts = [made[start : start + 12] for start in range(0, len(made), 12)]
        shards = [write_shard(part, folder / f"{split}-{number:06d}.tar") for number, part in enumerate(parts)]
        splits[split] = SplitInfo.of(chosen, shards)
    ledger = Ledger()
    ledger.extend(Skip(f"{reason}{n}", reason) for reason, count in (left_out or {}).items() for n in range(count))
    ledger.write(folder / "ledger.jsonl")
    given = NO_TEXT_OF_TEACHER if teacher is None else teacher
    info = FolderInfo("toy", False, {}, source, splits, unmeasured(finished), ledger.counts(), given)
    info.write(folder)
    return folder


def changed(number: int, **changes: object) -> list[UtteranceRecord]:
    """The clean corpus with one utterance changed."""
    records = utterances()
    records[number] = replace(records[number], **changes)
    return records


def found(folder: Path) -> list[str]:
    """Names of what an inspection finds."""
    return Inspection(folder).findings.names()


def places(folder: Path, name: str) -> str:
    """All that is said of one kind."""
    (finding,) = [one for one in Inspection(folder).findings if one.kind.name == name]
    return "; ".join(finding.places)


def edit_info(folder: Path, change: Callable[[dict], object]) -> None:
    path = folder / "info.json"
    info = json.loads(path.read_text(encoding="utf-8"))
    change(info)
    path.write_text(json.dumps(info), encoding="utf-8")


def speech_like(seconds: float = SECONDS, seed: int = 99) -> Waveform:
    """Noise under a slow envelope: sharp peaks, no silence."""
    size = round(seconds * 16_000)
    noise = np.random.default_rng(seed).normal(size=size) * (0.6 + 0.4 * np.sin(np.linspace(0, 20, size)))
    return (0.2 * noise / np.abs(noise).max()).astype(np.float32)


NO_LEVELS = Levels()
