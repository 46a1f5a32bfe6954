"""Kaldi-style folders: ``wav.scp``, and any of ``segments``, ``text``, ``utt2spk``, ``spk2gender``, ``utt2lang``.

Emotions come from ``utt2emo``, ``utt2emotion`` or ``emotion``: utterance and label on each line. A folder that holds
``train``, ``dev`` and ``test`` folders instead is read with these as its splits. Commands in ``wav.scp`` (lines that
end in a bar) are never run.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from c2ser_lightning.data.ledger import Skip
from tools.corpora.base import SPLIT_NAMES, CorpusError, ManifestRow, RowError, row_or_skip, safe_key
from tools.corpora.files import read_text, require_folder
from tools.corpora.recording import Recording, Segment

SCP = "wav.scp"
LABEL_FILES = ("utt2emo", "utt2emotion", "emotion")
GENDERS = {"f": "female", "m": "male", "female": "female", "male": "male"}


@dataclass(frozen=True, slots=True)
class KaldiFolder:
    """The tables of one folder, by utterance or recording."""

    folder: Path
    split: str
    corpus: str
    recordings: dict[str, str]
    segments: dict[str, str]
    texts: dict[str, str] = field(default_factory=dict)
    speakers: dict[str, str] = field(default_factory=dict)
    genders: dict[str, str] = field(default_factory=dict)
    languages: dict[str, str] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, folder: Path, split: str, corpus: str) -> "KaldiFolder":
        """Read the tables that are there."""
        labels = next((_table(folder / name) for name in LABEL_FILES if (folder / name).is_file()), {})
        return cls(
            folder=folder,
            split=split,
            corpus=corpus,
            recordings=_table(folder / SCP),
            segments=_table(folder / "segments"),
            texts=_table(folder / "text"),
            speakers=_table(folder / "utt2spk"),
            genders=_table(folder / "spk2gender"),
            languages=_table(folder / "utt2lang"),
            labels=labels,
        )


def read_kaldi(data: Path, *, language: str = "en", corpus: str = "") -> Iterator[ManifestRow | Skip]:
    """Read a Kaldi-style folder; utterances without a label are unlabelled speech.

    Args:
        data: Folder with ``wav.scp``, or with ``train``, ``dev``, ``test`` folders of these.
        language: Of utterances that ``utt2lang`` does not name.
        corpus: Name of the corpus; the folder's own when empty. A known name brings its labels' meaning.

    Raises:
        CorpusError: There is no ``wav.scp``.
    """
    require_folder(data, "a Kaldi-style corpus", SCP)
    name = corpus or data.resolve().name
    if (data / SCP).is_file():
        folders = [(data, "")]
    else:
        below = sorted(path.parent for path in data.glob(f"*/{SCP}"))
        folders = [(folder, SPLIT_NAMES.get(folder.name.lower(), "")) for folder in below]
    if not folders:
        raise CorpusError(f"{data} is no Kaldi-style corpus: neither {SCP} nor train/{SCP}")
    for folder, split in folders:
        tables = KaldiFolder.of(folder, split, name)
        for utterance in tables.segments or tables.recordings:
            key, source = safe_key(utterance), f"{folder}, {utterance}"
            yield row_or_skip(key, source, partial(_row, tables, utterance, key, language))


def _table(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    split = (line.strip().split(maxsplit=1) for line in read_text(path).splitlines())
    return {parts[0]: parts[1] if len(parts) > 1 else "" for parts in split if parts}


def _row(tables: KaldiFolder, utterance: str, key: str, language: str) -> ManifestRow:
    speaker = tables.speakers.get(utterance) or "unknown"
    return ManifestRow(
        key=key,
        audio=_audio(tables, utterance),
        label=tables.labels.get(utterance, ""),
        corpus=tables.corpus,
        speaker=speaker,
        gender=GENDERS.get(tables.genders.get(speaker, "").lower(), ""),
        language=tables.languages.get(utterance, language).lower(),
        transcript=tables.texts.get(utterance, ""),
        split=tables.split,
        source=f"{tables.folder}, {utterance}",
    )


def _audio(tables: KaldiFolder, utterance: str) -> Recording:
    if not tables.segments:
        return _file(tables, utterance)
    parts = tables.segments[utterance].split()
    try:
        recording, start, end = parts[0], float(parts[1]), float(parts[2])
    except (IndexError, ValueError) as error:
        wanted = "recording, start and end in seconds"
        raise RowError("bad_segment", f"segments says {' '.join(parts)!r} instead of {wanted}") from error
    # Kaldi writes -1 for the end of the recording.
    return Segment(_file(tables, recording), start, None if end < 0 else end)


def _file(tables: KaldiFolder, recording: str) -> Path:
    written = tables.recordings.get(recording, "")
    if not written:
        raise RowError("no_file_named", f"{SCP} names no file for {recording!r}")
    if written.endswith("|"):
        raise RowError("piped_command", f"{SCP} holds a command, which is not run: {written}; write the files first")
    path = Path(written)
    # Kaldi reads paths from where it runs, which is unknown here: beside wav.scp first, else as it stands.
    return path if path.is_absolute() or not (tables.folder / path).is_file() else tables.folder / path
