"""A small EmoBox-style corpus of tones, with its audio, written by the tests."""

import json
from pathlib import Path

import soundfile

from tests.shards import tone

LABELS = {"ang": "Angry", "hap": "Happy", "exc": "Happy", "neu": "Neutral"}
RAW = ("ang", "hap", "neu")


def row(session: int, number: int, label: str, **changes: object) -> dict[str, object]:
    name = f"Ses{session:02d}F_impro01_F{number:03d}"
    made = {
        "key": f"toy-{name}",
        "dataset": "toy",
        "wav": f"downloads/toy/Session{session}/{name}.wav",
        "type": "raw",
        "sample_rate": 16000,
        "length": 0.3,
        "emo": label,
        "channel": 1,
    }
    return {**made, **changes}


def session(number: int, count: int) -> list[dict[str, object]]:
    return [row(number, index, RAW[index % 3]) for index in range(count)]


def write_lines(path: Path, rows: list[dict[str, object]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(item) + "\n" for item in rows))


def write_emobox(folder: Path, sessions: dict[int, list[dict[str, object]]]) -> Path:
    """One fold a session, tested on it and trained on the others."""
    folder.mkdir(parents=True)
    (folder / "label_map.json").write_text(json.dumps(LABELS))
    for number, rows in sessions.items():
        others = [item for other, members in sessions.items() if other != number for item in members]
        fold = folder / f"fold_{number}"
        write_lines(fold / f"toy_train_fold_{number}.jsonl", others)
        write_lines(fold / f"toy_test_fold_{number}.jsonl", rows)
    return folder


def write_audio(folder: Path, rows: list[dict[str, object]], suffix: str = ".wav") -> Path:
    """Tones whose pitch tells the label, under ``<folder>/Session<n>/``."""
    for index, item in enumerate(rows):
        path = folder / Path(*Path(str(item["wav"])).parts[2:]).with_suffix(suffix)
        path.parent.mkdir(parents=True, exist_ok=True)
        emotion = RAW.index({"exc": "hap"}.get(str(item["emo"]), str(item["emo"])))
        soundfile.write(path, tone(emotion + 7 * index, float(str(item["length"]))), 16_000)
    return folder
