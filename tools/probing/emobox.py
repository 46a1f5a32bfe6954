"""Read the fold lists of an EmoBox checkout (Ma et al. 2024, arXiv:2406.07162), and find their audio on this machine.

A corpus' folder holds ``label_map.json`` (or ``label_dict.json``) and ``fold_<n>/<corpus>_{train,valid,test}_fold_<n>``
as ``.jsonl``, one utterance a line, or ``.json``, an object by key. Paths in the lists begin with a folder of the
authors (``downloads/<corpus>/``); they are looked up under the user's folder whole, then without their first parts, and
with the suffixes of lossless conversions.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from c2ser_lightning.data.ledger import Ledger, Skip
from tools.corpora.base import CorpusError
from tools.probing.utterances import FileSound, Fold, Utterance

LABEL_FILES = ("label_map.json", "label_dict.json")
SUFFIXES = (".jsonl", ".json")
CONVERTED = (".wav", ".flac")
PARTS = {"train": "train", "validation": "valid", "test": "test"}

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Reader:
    folder: Path
    audio: Path
    labels: Mapping[str, str]
    ledger: Ledger
    found: dict[str, Path]

    def part(self, fold: Path, part: str) -> list[Utterance] | None:
        """Read one list; ``None`` where the fold has none."""
        file = next((path for path in _candidates(fold, PARTS[part]) if path.is_file()), None)
        if file is None:
            return None
        utterances: dict[str, Utterance] = {}
        for place, row in _rows(file, self.ledger):
            one = self._utterance(row, place)
            if one is not None and utterances.setdefault(one.key, one) is not one:
                self.ledger.add(Skip(one.key, "duplicate_key", "the key stands in the list twice", place))
        return list(utterances.values())

    def _utterance(self, row: Row, place: str) -> Utterance | None:
        key, wav, label = (str(row.get(name, "")) for name in ("key", "wav", "emo"))
        if not (key and wav and label):
            self.ledger.add(Skip(key or place, "bad_row", "key, wav or emo is missing", place))
            return None
        if label not in self.labels:
            self.ledger.add(Skip(key, "unknown_label", f"{label!r} is not in the label map", place))
            return None
        try:
            sound = FileSound(self._locate(wav), int(row.get("channel", 1)), _span(row))
            return Utterance(key, self.labels[label], float(row.get("length", 0.0)), sound)
        except (TypeError, ValueError) as error:
            self.ledger.add(Skip(key, "bad_row", f"channel, length or times are no numbers: {error}", place))
            return None

    def _locate(self, wav: str) -> Path:
        if wav not in self.found:
            self.found[wav] = locate(self.audio, wav)
        return self.found[wav]


def read_emobox(folder: Path, audio: Path, ledger: Ledger) -> tuple[tuple[str, ...], list[Fold]]:
    """Read a corpus' folds.

    Args:
        folder: ``<EmoBox>/data/<corpus>``.
        audio: The user's audio; what is not there is met later, as missing files.
        ledger: Where unusable rows are noted.

    Returns:
        The label set in the order of the label map, without labels that no list uses, and the folds.

    Raises:
        CorpusError: A folder, the label map or a list is missing or damaged, or two utterances lead to the same sound.
    """
    for path, what in ((folder, "EmoBox corpus folder"), (audio, "audio folder")):
        if not path.is_dir():
            raise CorpusError(f"no {what} {path}")
    reader = _Reader(folder, audio, read_labels(folder), ledger, {})
    folders = sorted(folder.glob("fold_*"), key=lambda path: (len(path.name), path.name))
    if not folders:
        raise CorpusError(f"{folder} holds no fold_* folder; is it <EmoBox>/data/<corpus>?")
    lists = {path: {part: reader.part(path, part) for part in PARTS} for path in folders}
    folds = [_fold(path, parts, lists) for path, parts in lists.items()]
    for fold in folds:
        _drop_leaks(fold, ledger)
    _refuse_shared_sounds(folds)
    used = {one.label for fold in folds for part in fold.parts.values() for one in part}
    return tuple(label for label in dict.fromkeys(reader.labels.values()) if label in used), folds


def read_labels(folder: Path) -> dict[str, str]:
    """Read the map from raw labels to the corpus' label set.

    Raises:
        CorpusError: There is none, or it is no map of texts.
    """
    path = next((folder / name for name in LABEL_FILES if (folder / name).is_file()), None)
    if path is None:
        raise CorpusError(f"{folder} holds neither {' nor '.join(LABEL_FILES)}")
    try:
        labels = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise CorpusError(f"{path} is not JSON: {error}") from error
    if not isinstance(labels, dict) or not all(isinstance(value, str) for value in labels.values()):
        raise CorpusError(f"{path} is not a map from labels to labels")
    return labels


def locate(audio: Path, wav: str) -> Path:
    """Return where a listed path lies under the user's folder; the most likely place when it lies nowhere."""
    parts = PurePosixPath(wav).parts
    shortened = [PurePosixPath(*parts[start:]) for start in range(len(parts))]
    for path in shortened:
        for suffix in dict.fromkeys((path.suffix, *CONVERTED)):
            candidate = audio / path.with_suffix(suffix)
            if candidate.is_file():
                return candidate
    return audio / shortened[min(2, len(shortened) - 1)]


def _candidates(fold: Path, part: str) -> list[Path]:
    corpus, number = fold.parent.name, fold.name.removeprefix("fold_")
    named = [fold / f"{corpus}_{part}_fold_{number}{suffix}" for suffix in SUFFIXES]
    return named + [path for suffix in SUFFIXES for path in sorted(fold.glob(f"*_{part}_fold_{number}{suffix}"))]


def _rows(file: Path, ledger: Ledger) -> Iterator[tuple[str, Row]]:
    """Yield each row with its place; a line that is no object goes into the ledger."""
    text = file.read_text(encoding="utf-8")
    if file.suffix == ".json":
        try:
            rows = json.loads(text)
        except ValueError as error:
            raise CorpusError(f"{file} is not JSON: {error}") from error
        if not isinstance(rows, dict):
            raise CorpusError(f"{file} is not an object of utterances by key")
        yield from ((f"{file}, {key}", {"key": key, **_object(row)}) for key, row in rows.items())
        return
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        place = f"{file}, line {number}"
        try:
            yield place, _object(json.loads(line))
        except ValueError as error:
            ledger.add(Skip(place, "bad_row", f"not JSON: {error}", str(file)))


def _object(row: Any) -> Row:
    return row if isinstance(row, dict) else {}


def _span(row: Row) -> tuple[float, float] | None:
    start, end = row.get("start_time"), row.get("end_time")
    return None if start is None or end is None else (float(start), float(end))


Lists = Mapping[Path, Mapping[str, list[Utterance] | None]]


def _fold(path: Path, parts: Mapping[str, list[Utterance] | None], lists: Lists) -> Fold:
    test, train = parts["test"], parts["train"]
    if test is None:
        raise CorpusError(f"{path} holds no test list (*_test_{path.name}.jsonl)")
    return Fold(path.name, train if train is not None else _others(path, lists), test, parts["validation"])


def _others(path: Path, lists: Lists) -> list[Utterance]:
    """Return the other folds' test lists: the train list of a fold that publishes its test list alone, as ESD's do."""
    others = [one for other, parts in lists.items() if other != path for one in parts["test"] or []]
    own = {one.key for one in lists[path]["test"] or []}
    if not others or own & {one.key for one in others}:
        raise CorpusError(
            f"{path} holds no train list, and the other folds' test lists cannot stand for it: "
            f"{'they share utterances' if others else 'there are none'}"
        )
    return others


def _drop_leaks(fold: Fold, ledger: Ledger) -> None:
    """Take out of train and validation what is in test, and out of train what is in validation."""
    seen = {one.key for one in fold.test}
    for part in ("validation", "train"):
        members: list[Utterance] | None = getattr(fold, part)
        for one in members or []:
            if one.key in seen:
                ledger.add(Skip(one.key, "leak", f"in {part} and in a later list of {fold.name}, which keeps it", ""))
        if members is not None:
            setattr(fold, part, [one for one in members if one.key not in seen])
            seen |= {one.key for one in members}


def _refuse_shared_sounds(folds: list[Fold]) -> None:
    """Stop when a shortened path leads two utterances to one file: one of them would be heard with another's label."""
    owners: dict[object, str] = {}
    for one in (one for fold in folds for part in fold.parts.values() for one in part):
        owner = owners.setdefault(one.sound, one.key)
        if owner != one.key and Path(one.sound.source).is_file():
            raise CorpusError(
                f"{owner} and {one.key} lead to the same file {one.sound.source}; give the folder that holds "
                "the folders which the lists name"
            )
