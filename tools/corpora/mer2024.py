"""MER2024 (Lian et al. 2024), Mandarin, films and series: the labelled part of the challenge.

``label-disdim.csv`` (name, discrete, valence), ``label-transcription.csv`` (name, chinese, english), and the clips in
``video-labeled`` or, taken out by the challenge's own scripts or the user, in ``audio-labeled`` or ``audio``. Speakers
are not named. 'worried' has no home among the seven emotions.
"""

from collections.abc import Iterator
from pathlib import Path

from c2ser_lightning.data.ledger import Skip
from tools.corpora.base import ManifestRow, safe_key
from tools.corpora.files import find_file, sound_of
from tools.corpora.tables import read_table

LABELS = ("label-disdim.csv", "*/label-disdim.csv", "label-trainval.csv")
TRANSCRIPTS = "label-transcription.csv"
CLIP_FOLDERS = ("audio-labeled", "audio-labeled_16k", "audio", "video-labeled", "video")


def read_mer2024(data: Path) -> Iterator[ManifestRow | Skip]:
    """Read the labelled clips; all are the train split, as the challenge's test labels are not published.

    Raises:
        CorpusError: Not this corpus.
    """
    table = find_file(data, LABELS, "MER2024")
    words = _transcripts(table.parent / TRANSCRIPTS)
    folder = next((table.parent / name for name in CLIP_FOLDERS if (table.parent / name).is_dir()), table.parent)
    for number, fields in read_table(table, ("name", "discrete")):
        source = f"{table}, row {number}"
        name = fields["name"]
        if not name:
            yield Skip(f"row {number}", "no_file_named", "the column 'name' is empty", source)
            continue
        yield ManifestRow(
            key=safe_key(name),
            audio=sound_of(folder / name),
            label=fields["discrete"],
            corpus="MER2024",
            speaker="unknown",
            gender="",
            language="zh",
            transcript=words.get(name, ""),
            split="train",
            source=source,
        )


def _transcripts(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    return {fields["name"]: fields["chinese"] for _, fields in read_table(path, ("name", "chinese"))}
