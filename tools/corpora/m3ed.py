"""M3ED (Zhao et al. 2022), Mandarin dialogues of 56 series: ``annotation.json``, ``splitInfo``, ``modality_speech``.

The annotation names series, dialogue and utterance; three annotators vote on each. A clip is
``modality_speech/<A|B>_<utterance>.wav``. The lists of ``splitInfo`` divide the series, so splits share no series.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from c2ser_lightning.data.ledger import Skip
from tools.corpora.base import CorpusError, ManifestRow, RowError, row_or_skip, safe_key
from tools.corpora.files import find_file, read_text, sound_of

ANNOTATIONS = ("annotation.json", "*/annotation.json")
SPLIT_LISTS = {"train": "movie_list_train.txt", "dev": "movie_list_val.txt", "test": "movie_list_test.txt"}
CLIP_FOLDERS = ("modality_speech", "speech", "audio", "wav")
ANNOTATORS = ("EmoAnnotator1", "EmoAnnotator2", "EmoAnnotator3")
GENDERS = {"female": "female", "male": "male", "f": "female", "m": "male"}


@dataclass(frozen=True, slots=True)
class Dialogue:
    """What holds for all utterances of a dialogue."""

    series: str
    split: str
    speakers: Mapping[str, Any]
    folder: Path
    table: Path


def read_m3ed(data: Path) -> Iterator[ManifestRow | Skip]:
    """Read M3ED's official splits by the main emotion of an utterance.

    Raises:
        CorpusError: Not this corpus.
    """
    table = find_file(data, ANNOTATIONS, "M3ED")
    splits = _splits(table.parent)
    folder = next((table.parent / name for name in CLIP_FOLDERS if (table.parent / name).is_dir()), table.parent)
    try:
        annotation = json.loads(read_text(table))
    except ValueError as error:
        raise CorpusError(f"{table} is not JSON: {error}") from error
    for series, dialogues in annotation.items():
        if series not in splits:
            yield Skip(series, "unknown_split", f"series {series} is in none of the lists of splitInfo", str(table))
            continue
        for content in dialogues.values():
            dialogue = Dialogue(series, splits[series], content.get("SpeakerInfo") or {}, folder, table)
            yield from _utterances(dialogue, content.get("Dialog") or {})


def _splits(folder: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    for split, name in SPLIT_LISTS.items():
        path = folder / "splitInfo" / name
        if not path.is_file():
            raise CorpusError(f"{folder} is not M3ED: no {path}")
        found.update(dict.fromkeys(read_text(path).split(), split))
    return found


def _utterances(dialogue: Dialogue, utterances: Mapping[str, Any]) -> Iterator[ManifestRow | Skip]:
    for name, content in utterances.items():
        yield row_or_skip(safe_key(name), f"{dialogue.table}, {name}", partial(_row, dialogue, name, content))


def _row(dialogue: Dialogue, name: str, content: Mapping[str, Any]) -> ManifestRow:
    try:
        speaker, emotions = content["Speaker"], content["EmoAnnotation"]
        label, text = emotions["final_main_emo"], content["Text"]
    except (KeyError, TypeError) as error:
        raise RowError("bad_row", f"the annotation of {name} lacks {error}") from error
    person = dialogue.speakers.get(speaker) or {}
    votes = [emotions[annotator] for annotator in ANNOTATORS if emotions.get(annotator)]
    return ManifestRow(
        key=safe_key(name),
        audio=sound_of(dialogue.folder / f"{speaker}_{name}"),
        label=label,
        corpus="M3ED",
        speaker=f"{dialogue.series}_{person.get('Name') or speaker}",
        gender=GENDERS.get(str(person.get("Gender", "")).lower(), ""),
        language="zh",
        transcript=text,
        split=dialogue.split,
        source=f"{dialogue.table}, {name}",
        votes={vote: votes.count(vote) for vote in dict.fromkeys(votes)},
    )
