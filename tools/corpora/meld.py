"""MELD (Poria et al. 2019), English: ``train|dev|test_sent_emo.csv`` and a clip ``dia<D>_utt<U>`` for each row.

The corpus comes as video (``MELD.Raw``): WAV or FLAC files beside the videos are used where there are any, else ffmpeg
takes the sound out. Two rows have no usable clip in the release (train ``dia125_utt3``, dev ``dia110_utt7``): the
ledger names them. Speakers are the same people in all three official splits.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from c2ser_lightning.data.ledger import Skip
from tools.corpora.base import CorpusError, ManifestRow
from tools.corpora.files import require_folder, sound_of
from tools.corpora.tables import Fields, read_table

CLIP_FOLDERS = {
    "train": ("train/train_splits", "train_splits", "train"),
    "dev": ("dev/dev_splits_complete", "dev_splits_complete", "dev"),
    "test": ("test/output_repeated_splits_test", "output_repeated_splits_test", "test"),
}
"""Where the clips lie: in the unpacked archives, unpacked in place, or as a user's own folders."""

COLUMNS = ("Utterance", "Speaker", "Emotion", "Dialogue_ID", "Utterance_ID")
WOMEN, MEN = {"Rachel", "Monica", "Phoebe"}, {"Ross", "Chandler", "Joey"}


def read_meld(data: Path) -> Iterator[ManifestRow | Skip]:
    """Read MELD's official splits.

    Raises:
        CorpusError: Not this corpus.
    """
    require_folder(data, "MELD", "train_sent_emo.csv, dev_sent_emo.csv, test_sent_emo.csv")
    tables = {split: _table(data, split) for split in CLIP_FOLDERS}
    if not any(tables.values()):
        raise CorpusError(f"{data} is not MELD: it holds no train_sent_emo.csv, dev_sent_emo.csv, test_sent_emo.csv")
    for split, table in tables.items():
        if table is None:
            yield Skip(f"{split}_sent_emo", "list_missing", f"no {split}_sent_emo.csv in {data} or below", str(data))
            continue
        folder = _clips(data, split)
        for number, fields in read_table(table, COLUMNS):
            yield _row(table, number, fields, folder, split)


def _table(data: Path, split: str) -> Path | None:
    for pattern in ("", "*/", "*/*/"):
        for found in sorted(data.glob(f"{pattern}{split}_sent_emo.csv")):
            return found
    return None


def _clips(data: Path, split: str) -> Path:
    existing = (data / name for name in CLIP_FOLDERS[split] if (data / name).is_dir())
    return next(existing, data / CLIP_FOLDERS[split][0])


def _row(table: Path, number: int, fields: Fields, folder: Path, split: str) -> ManifestRow | Skip:
    source = f"{table}, row {number}"
    dialogue, utterance = fields["Dialogue_ID"], fields["Utterance_ID"]
    if not (dialogue.isdecimal() and utterance.isdecimal()):
        return Skip(f"{split} row {number}", "bad_row", "Dialogue_ID or Utterance_ID is no number", source)
    speaker = fields["Speaker"]
    return ManifestRow(
        key=f"{split}_dia{dialogue}_utt{utterance}",
        audio=sound_of(folder / f"dia{dialogue}_utt{utterance}"),
        label=fields["Emotion"],
        corpus="MELD",
        speaker=f"meld_{speaker}",
        gender="female" if speaker in WOMEN else "male" if speaker in MEN else "",
        language="en",
        transcript=fields["Utterance"],
        split=split,
        source=source,
        seconds=_length(fields),
    )


def _length(fields: Fields) -> float | None:
    """Return how long the utterance is on screen by its subtitles."""
    times = [_clock(fields.get(name, "")) for name in ("StartTime", "EndTime")]
    start, end = times
    return None if start is None or end is None or end <= start else round(end - start, 3)


def _clock(text: str) -> float | None:
    match = re.fullmatch(r"(\d+):(\d+):(\d+)[,.](\d+)", text)
    if match is None:
        return None
    hours, minutes, seconds, fraction = match.groups()
    return int(hours) * 3600 + int(minutes) * 60 + int(seconds) + float(f"0.{fraction}")
