"""Read the lists of an EmoBox checkout (Ma et al. 2024, arXiv:2406.07162) as folds of utterances with their sounds."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from c2ser_lightning.data.ledger import Ledger, Skip
from tools.corpora.base import CorpusError
from tools.corpora.emobox_lists import LABEL_FILES, find_list, folds_of, locate, read_labels, read_list
from tools.probing.utterances import FileSound, Fold, Utterance

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
        file = find_list(fold, PARTS[part])
        if file is None:
            return None
        utterances: dict[str, Utterance] = {}
        for place, row in read_list(file):
            if isinstance(row, Skip):
                self.ledger.add(row)
                continue
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
    labels = read_labels(folder)
    if labels is None:
        raise CorpusError(f"{folder} holds neither {' nor '.join(LABEL_FILES)}")
    reader = _Reader(folder, audio, labels, ledger, {})
    folders = folds_of(folder)
    if not folders:
        raise CorpusError(f"{folder} holds no fold_* folder; is it <EmoBox>/data/<corpus>?")
    lists = {path: {part: reader.part(path, part) for part in PARTS} for path in folders}
    folds = [_fold(path, parts, lists) for path, parts in lists.items()]
    for fold in folds:
        _drop_leaks(fold, ledger)
    _refuse_shared_sounds(folds)
    used = {one.label for fold in folds for part in fold.parts.values() for one in part}
    return tuple(label for label in dict.fromkeys(reader.labels.values()) if label in used), folds


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
