"""The plain way to measure pitch, as the reference: penn's own call, one file at a time, every 10 ms."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import astuple
from pathlib import Path

import torch
from tqdm import tqdm

from c2ser_lightning.data.audio import SAMPLE_RATE, Waveform
from tools.attributes.pitch import Pitch
from tools.attributes.pitch.penn_tracker import PERIODICITY, import_penn


def naive_pitch(waveform: Waveform) -> Pitch:
    """Measure one clip ``[S]`` as penn's readme does, all its frames in one batch."""
    penn = import_penn()
    with torch.inference_mode():
        pitch, periodicity = penn.from_audio(
            torch.from_numpy(waveform)[None], SAMPLE_RATE, hopsize=0.01, fmin=50.0, fmax=600.0, pad=True
        )
    return Pitch.of(pitch[periodicity > PERIODICITY].numpy())


def references(clips: Mapping[str, Waveform], kept: Path | None) -> dict[str, Pitch]:
    """Return the naive pitch of clips by key; what a file keeps is not measured again, and the rest is added to it."""
    known = dict(_read(kept)) if kept and kept.is_file() else {}
    missing = [key for key in clips if key not in known]
    for key in tqdm(missing, desc="reference of 10 ms", unit="utt", disable=not missing):
        known[key] = naive_pitch(clips[key])
        if kept:
            with kept.open("a", encoding="utf-8") as file:
                file.write(json.dumps([key, *astuple(known[key])]) + "\n")
    return {key: known[key] for key in clips}


def _read(kept: Path) -> Iterable[tuple[str, Pitch]]:
    for line in kept.read_text(encoding="utf-8").splitlines():
        key, *values = json.loads(line)
        yield key, Pitch(*values)
