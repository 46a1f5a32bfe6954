"""Emo-Emilia (the paper's own test set, IV-B): ``Emo-Emilia-ALL.jsonl`` and ``wav/<index>.wav``, 1,400 utterances.

A line holds index, emotion, wav and text; the index begins with the language (``ZH_`` or ``EN_``), and names the Emilia
batch, speaker and utterance (``EN_B00012_S00345_W000001``).
"""

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from c2ser_lightning.data.ledger import Skip
from tools.corpora.base import ManifestRow, RowError, row_or_skip, safe_key
from tools.corpora.files import find_file
from tools.corpora.json_lines import json_objects

LISTS = ("Emo-Emilia-ALL.jsonl", "*/Emo-Emilia-ALL.jsonl", "*.jsonl")
_INDEX = re.compile(r"(?P<language>ZH|EN)_(?P<speaker>B\d+_S\d+)_W\d+")


def read_emo_emilia(data: Path) -> Iterator[ManifestRow | Skip]:
    """Read Emo-Emilia; all of it is the test split.

    Raises:
        CorpusError: Not this corpus.
    """
    listing = find_file(data, LISTS, "Emo-Emilia")
    for source, entry in json_objects(listing):
        if isinstance(entry, Skip):
            yield entry
            continue
        key = safe_key(str(entry.get("index", ""))) or source.rpartition(", ")[2]
        yield row_or_skip(key, source, partial(_row, listing, entry, key, source))


def _row(listing: Path, entry: dict[str, Any], key: str, source: str) -> ManifestRow:
    match = _INDEX.fullmatch(key)
    if match is None or not entry.get("emotion"):
        raise RowError("bad_row", f"no index such as EN_B00012_S00345_W000001, or no emotion: {entry}")
    return ManifestRow(
        key=key,
        audio=_audio(listing, str(entry.get("wav") or f"wav/{key}.wav")),
        label=str(entry["emotion"]),
        corpus="Emo-Emilia",
        speaker=f"emilia_{match['language']}_{match['speaker']}",
        gender="",
        language=match["language"].lower(),
        transcript=str(entry.get("text", "")).strip(),
        split="test",
        source=source,
    )


def _audio(listing: Path, wav: str) -> Path:
    """Paths in the list start at the folder above the list's own."""
    candidates = (listing.parent / wav, listing.parent.parent / wav, listing.parent / "wav" / Path(wav).name)
    return next((path for path in candidates if path.is_file()), candidates[-1])
