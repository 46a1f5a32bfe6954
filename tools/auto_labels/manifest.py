"""The manifest of automatic labels, which the readers ``csv`` and ``jsonl`` read back."""

import csv
import json
import os
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Literal, Self, TextIO

from c2ser_lightning.data.audio import encode_flac
from tools.auto_labels.rule import Agreement
from tools.corpora.base import ManifestRow
from tools.corpora.recording import Segment, TableCell, load_recording

Format = Literal["csv", "jsonl"]
AUDIO_FOLDER = "audio"
LABEL_SOURCE = "emotion2vec+llm"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the manifest; the first eleven fields are those of the readers ``csv`` and ``jsonl``.

    ``confidence`` is the product of the two others; ``seconds`` is the utterance's length; ``corpus_label`` is what the
    corpus itself says, if anything.
    """

    key: str
    file: str
    start: str
    end: str
    emotion: str
    corpus: str
    speaker: str
    gender: str
    language: str
    text: str
    split: str
    label_source: str
    confidence: float
    speech_confidence: float
    text_confidence: float
    seconds: float
    corpus_label: str


COLUMNS = tuple(field.name for field in fields(Entry))


class ManifestWriter:
    """Writes entries as they come; the file gets its name only when it is whole."""

    def __init__(self, folder: Path, kind: Format) -> None:
        """Begin ``manifest.csv`` or ``manifest.jsonl``."""
        self.folder, self.kind = folder, kind
        self.path = folder / f"manifest.{kind}"
        self._partial = self.path.with_suffix(f".{kind}.partial")
        self.written = 0

    def __enter__(self) -> Self:
        """Open the partial file."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._file: TextIO = self._partial.open("w", encoding="utf-8", newline="")
        self._table = csv.DictWriter(self._file, COLUMNS, lineterminator="\n")
        if self.kind == "csv":
            self._table.writeheader()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Close, and name the file if nothing went wrong."""
        self._file.close()
        if kind is None:
            self._partial.replace(self.path)

    def add(self, row: ManifestRow, agreement: Agreement, seconds: float) -> None:
        """Write one utterance.

        Raises:
            AudioError: Its sound stands in a table's cell and cannot be written into a file of its own.
        """
        fields = asdict(self._entry(row, agreement, seconds))
        if self.kind == "csv":
            self._table.writerow(fields)
        else:
            self._file.write(json.dumps(fields, ensure_ascii=False) + "\n")
        self.written += 1

    def _entry(self, row: ManifestRow, agreement: Agreement, seconds: float) -> Entry:
        file, start, end = self._place(row)
        return Entry(
            key=row.key,
            file=file,
            start=start,
            end=end,
            emotion=agreement.emotion,
            corpus=row.corpus,
            speaker=row.speaker,
            gender=row.gender,
            language=row.language,
            text=" ".join(row.transcript.split()),
            split=row.split,
            label_source=LABEL_SOURCE,
            confidence=agreement.confidence,
            speech_confidence=agreement.speech,
            text_confidence=agreement.text,
            seconds=seconds,
            corpus_label=row.label,
        )

    def _place(self, row: ManifestRow) -> tuple[str, str, str]:
        """Return the file relative to the manifest, and start and end within it; a table's cell becomes a file."""
        audio = row.audio
        if isinstance(audio, TableCell):
            path = self.folder / AUDIO_FOLDER / f"{row.key}.flac"
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(encode_flac(load_recording(audio, min_seconds=0)))
            return f"{AUDIO_FOLDER}/{row.key}.flac", "", ""
        path = audio.path if isinstance(audio, Segment) else audio
        file = Path(os.path.relpath(path.resolve(), self.folder.resolve())).as_posix()
        if isinstance(audio, Segment):
            return file, repr(audio.start), "" if audio.end is None else repr(audio.end)
        return file, "", ""
