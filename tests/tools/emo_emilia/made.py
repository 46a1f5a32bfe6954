"""Candidates and reviews for tests, in memory and on disk."""

import json
from collections.abc import Sequence
from pathlib import Path

import soundfile

from c2ser_lightning.emotions import EMOTIONS
from tests.tools.sounds import sine
from tools.emo_emilia.candidate import Candidate, sheet_id, write_candidates
from tools.emo_emilia.reviews import Review


def candidate(number: int, **changes: object) -> Candidate:
    language = "en" if number % 2 else "zh"
    index = f"{language.upper()}_B00001_S{number:05d}_W000001"
    given = {
        "index": index,
        "corpus": "emilia",
        "key": index,
        "speaker": f"s{number}",
        "language": language,
        "emotion": EMOTIONS[number // 2 % 7],
        "text": f"words <b>{number}</b> & 'more'",
        "file": f"/nowhere/{index}.wav",
        "start": None,
        "end": None,
        "confidence": 0.5,
        "speech_confidence": 0.5,
        "text_confidence": 1.0,
    }
    return Candidate(**{**given, **changes})


def listed(folder: Path, count: int) -> list[Candidate]:
    """Candidates with sound, and their list."""
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for number in range(count):
        path = folder / f"sound{number}.wav"
        soundfile.write(path, sine(200 + 10 * number, 0.3), 16_000)
        made.append(candidate(number, file=str(path)))
    write_candidates(made, folder)
    return made


def review(name: str, candidates: Sequence[Candidate], answers: Sequence[str | None]) -> Review:
    indices = [one.index for one in candidates]
    return Review(Path(f"{name}.json"), name, dict(zip(indices, answers, strict=True)))


def review_file(folder: Path, name: str, candidates: Sequence[Candidate], answers: Sequence[str]) -> Path:
    rows = [{"index": one.index, "answer": answer} for one, answer in zip(candidates, answers, strict=True)]
    path = folder / f"review_{name}.json"
    path.write_text(json.dumps({"sheet": sheet_id(candidates), "reviewer": name, "answers": rows}), encoding="utf-8")
    return path
