"""From a corpus' settings to its labels and folds."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from c2ser_lightning.data.ledger import Ledger, Skip
from c2ser_lightning.data.record import RecordError
from c2ser_lightning.data.shard_index import ShardError, ShardIndex
from c2ser_lightning.emotions import EMOTIONS, harmonise
from tools.corpora.base import CorpusError
from tools.probing.emobox import read_emobox
from tools.probing.folds import leave_one_session_out, leave_speakers_out
from tools.probing.settings import CorpusSettings
from tools.probing.utterances import Corpus, Fold, ShardSound, Utterance

SPLITS = {"train": "train", "validation": "dev", "test": "test"}
"""Parts of a fold, and the shards of this project that hold them."""


def read_corpus(settings: CorpusSettings, ledger: Ledger) -> Corpus:
    """Read the lists of a corpus; no audio is opened.

    Raises:
        CorpusError: The lists cannot be used at all.
        ShardError: The shard folder cannot be used at all.
    """
    if settings.emobox is not None and settings.audio is not None:
        labels, folds = read_emobox(Path(settings.emobox).expanduser(), Path(settings.audio).expanduser(), ledger)
    else:
        labels, folds = _read_shards(Path(settings.shards or "").expanduser(), ledger)
    if settings.labels == "seven":
        folds = [_harmonised(fold, ledger) for fold in folds]
        used = {one.label for fold in folds for part in fold.parts.values() for one in part}
        labels = tuple(emotion for emotion in EMOTIONS if emotion in used)
    corpus = Corpus(settings.name, labels, folds, "published folds")
    if settings.folds == "leave_one_session_out":
        corpus = Corpus(corpus.name, labels, leave_one_session_out(corpus.utterances()), "leave one session out")
    elif settings.folds == "leave_speakers_out":
        folds = leave_speakers_out(corpus.utterances(), settings.speaker_folds)
        corpus = Corpus(corpus.name, labels, folds, f"leave speakers out, {len(folds)} folds")
    if len(labels) < 2:
        raise CorpusError(f"corpus {settings.name!r} has {len(labels)} labels; a probe needs two")
    return corpus


def _read_shards(folder: Path, ledger: Ledger) -> tuple[tuple[str, ...], list[Fold]]:
    """Read the splits of a shard folder as one fold; without dev shards validation is drawn from train."""
    parts = {part: _read_split(folder, split, ledger) for part, split in SPLITS.items() if _there(folder, split)}
    if missing := {"train", "test"} - parts.keys():
        raise ShardError(f"{folder} holds no shards of {' and '.join(sorted(missing))}; build it with make shards")
    fold = Fold("shards", parts["train"], parts["test"], parts.get("validation"))
    used = {one.label for part in parts.values() for one in part}
    return tuple(emotion for emotion in EMOTIONS if emotion in used), [fold]


def _there(folder: Path, split: str) -> bool:
    return any(folder.glob(f"{split}-*.tar"))


def _read_split(folder: Path, split: str, ledger: Ledger) -> list[Utterance]:
    index = ShardIndex.load(folder, split, ledger)
    found = []
    for position, (_, entry) in enumerate(index.entries):
        if entry.emotion is None:
            ledger.add(Skip(entry.key, "unlabelled", "no emotion label", index.source(position)))
            continue
        try:
            speaker = index.read_record(position).speaker
        except (RecordError, ShardError, OSError) as error:
            ledger.add(Skip(entry.key, "unreadable_member", str(error), index.source(position)))
            continue
        sound = ShardSound(index, position)
        found.append(Utterance(f"{split}/{entry.key}", entry.emotion, entry.duration, sound, speaker))
    return found


def _harmonised(fold: Fold, ledger: Ledger) -> Fold:
    """Map labels to the seven emotions; what has no home among them goes into the ledger."""

    def mapped(utterances: list[Utterance]) -> list[Utterance]:
        kept = []
        for one in utterances:
            emotion = _emotion(one.label)
            if emotion is None:
                ledger.add(Skip(one.key, "outside_label_set", f"{one.label!r} is none of the seven emotions", ""))
            else:
                kept.append(replace(one, label=emotion))
        return kept

    return _map_parts(fold, mapped)


def _emotion(label: str) -> str | None:
    try:
        return harmonise(label)
    except ValueError:
        return None


def _map_parts(fold: Fold, mapped: Callable[[list[Utterance]], list[Utterance]]) -> Fold:
    validation = None if fold.validation is None else mapped(fold.validation)
    return Fold(fold.name, mapped(fold.train), mapped(fold.test), validation)
