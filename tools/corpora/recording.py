"""Where an utterance's samples are: a file, a stretch of one, or a cell of an Arrow or Parquet table."""

import io
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import soundfile

from c2ser_lightning.data.audio import AudioError, Waveform, decode_audio, load_audio, undecodable
from tools.corpora.table_cells import read_cell

CONTAINERS = frozenset({".mp4", ".m4a", ".mkv", ".avi", ".mov", ".aac", ".wma", ".webm"})
"""Suffixes that libsndfile does not read; their sound is taken out with the ``ffmpeg`` program."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a sound file, in seconds; without an end it lasts to the end of the file."""

    path: Path
    start: float
    end: float | None = None


@dataclass(frozen=True, slots=True)
class TableCell:
    """One cell of an Arrow or Parquet file: encoded bytes, a path, or a struct of both as ``datasets`` stores audio."""

    path: Path
    row: int
    column: str


Recording = Path | Segment | TableCell


def load_recording(recording: Recording, *, min_seconds: float = 0.1, max_seconds: float | None = None) -> Waveform:
    """Decode an utterance to 16 kHz mono ``[S]``.

    Raises:
        AudioError: As :func:`~c2ser_lightning.data.audio.decode_audio`; besides ``missing_file``, ``bad_segment`` (it
            starts after its file's end, or ends before it starts) and ``no_ffmpeg`` (a video, and no such program).
    """
    if isinstance(recording, Path) and recording.suffix.lower() not in CONTAINERS:
        return load_audio(recording, min_seconds=min_seconds, max_seconds=max_seconds)
    return decode_audio(_encoded(recording), min_seconds=min_seconds, max_seconds=max_seconds)


def recording_seconds(recording: Recording) -> float:
    """Return an utterance's length in seconds without decoding it, where its header allows.

    Raises:
        AudioError: As :func:`load_recording`.
    """
    if isinstance(recording, Segment) and recording.end is not None and recording.path.is_file():
        return recording.end - recording.start
    source: Path | io.BytesIO
    if isinstance(recording, Path) and recording.suffix.lower() not in CONTAINERS:
        source = _existing(recording)
    else:
        source = io.BytesIO(_encoded(recording))
    try:
        return float(soundfile.info(source).duration)
    except (soundfile.LibsndfileError, RuntimeError) as error:
        raise undecodable(error) from error


def _encoded(recording: Recording) -> bytes:
    if isinstance(recording, TableCell):
        return _cell_bytes(recording)
    if isinstance(recording, Segment):
        return _cut(recording)
    return _extract_sound(_existing(recording))


def _existing(path: Path) -> Path:
    if not path.is_file():
        raise AudioError("missing_file", f"no such file: {path}")
    return path


def _cell_bytes(cell: TableCell) -> bytes:
    try:
        found = read_cell(_existing(cell.path), cell.row, cell.column)
    except (OSError, IndexError) as error:
        raise AudioError("undecodable", f"row {cell.row} of {cell.path} cannot be read: {error}") from error
    if isinstance(found, bytes):
        return found
    if not found:
        raise AudioError("no_audio", f"row {cell.row} of {cell.path} has no audio in column {cell.column!r}")
    named = Path(found)
    return _existing(named if named.is_absolute() else cell.path.parent / named).read_bytes()


def _cut(segment: Segment) -> bytes:
    """Read only the wanted samples, so that an utterance of an hour-long dialogue costs no hour."""
    path = _existing(segment.path)
    source = io.BytesIO(_extract_sound(path)) if path.suffix.lower() in CONTAINERS else path
    try:
        with soundfile.SoundFile(source) as file:
            rate, length = file.samplerate, file.frames
            start = round(segment.start * rate)
            end = length if segment.end is None else min(length, round(segment.end * rate))
            if not 0 <= start < end:
                there = f"{segment.start:g} s to {segment.end or length / rate:g} s"
                raise AudioError("bad_segment", f"{there} is no stretch of {path}, which lasts {length / rate:.2f} s")
            file.seek(start)
            samples = file.read(end - start, dtype="float32", always_2d=True)
    except (soundfile.LibsndfileError, RuntimeError) as error:
        raise undecodable(error) from error
    buffer = io.BytesIO()
    soundfile.write(buffer, samples, rate, format="WAV", subtype="FLOAT")
    return buffer.getvalue()


def _extract_sound(path: Path) -> bytes:
    program = shutil.which("ffmpeg")
    if program is None:
        raise AudioError("no_ffmpeg", f"{path} is a {path.suffix} file: install ffmpeg, or convert it to WAV beside it")
    # Into a file, not a pipe: only there can ffmpeg go back and write the true length into the header.
    with tempfile.TemporaryDirectory() as folder:
        sound = Path(folder) / "sound.wav"
        command = [program, "-v", "error", "-nostdin", "-i", str(path), "-vn", str(sound)]
        done = subprocess.run(command, capture_output=True, check=False)
        if done.returncode or not sound.is_file():
            said = done.stderr.decode(errors="replace").strip().splitlines()
            raise AudioError("undecodable", f"ffmpeg cannot read {path}: {said[-1] if said else 'no message'}")
        return sound.read_bytes()
