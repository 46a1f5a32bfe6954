"""EmoBox (Ma et al. 2024): the published folds of 32 corpora as lists of clips, with the corpora's own audio.

Speaker, sex and words come from the file names of corpora that this project knows.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Any

from c2ser_lightning.corpus_labels import CORPUS_LABELS, corpus_id
from c2ser_lightning.data.ledger import Skip
from tools.corpora.asvp_esd import ASVP_ESD
from tools.corpora.base import CorpusError, ManifestRow, RowError, row_or_skip, safe_key
from tools.corpora.casia import CASIA
from tools.corpora.crema_d import CREMA_D
from tools.corpora.emobox_lists import find_list, folds_of, locate, read_labels, read_list
from tools.corpora.emodb import EMODB
from tools.corpora.emovdb import EMOVDB
from tools.corpora.emovo import EMOVO
from tools.corpora.esd import ESD
from tools.corpora.files import require_folder
from tools.corpora.mesd import MESD
from tools.corpora.named_files import NamedFiles, Utterance
from tools.corpora.ravdess import RAVDESS

NAMED: Mapping[str, NamedFiles] = MappingProxyType(
    {corpus_id(named.corpus): named for named in (ASVP_ESD, CASIA, CREMA_D, EMODB, EMOVDB, EMOVO, ESD, MESD, RAVDESS)}
)
LANGUAGES = {
    "m3ed": "zh",
    "mer2023": "zh",
    "iemocap": "en",
    "meld": "en",
    "mspimprov": "en",
    "savee": "en",
    "tess": "en",
}
SPLITS = {"train": "train", "valid": "dev", "test": "test"}


@dataclass(frozen=True, slots=True)
class Fold:
    """What holds for all rows of a list."""

    dataset: str
    split: str
    audio: Path
    labels: Mapping[str, str]
    language: str


def read_emobox(
    data: Path, *, dataset: str = "", fold: int = 1, audio: Path | None = None, language: str = ""
) -> Iterator[ManifestRow | Skip]:
    """Read one fold of one corpus.

    Args:
        data: A corpus' folder in EmoBox' ``data``, or the checkout or its ``data`` with ``dataset`` named.
        dataset: Name of the corpus in EmoBox; the folder's own when empty.
        fold: Number of the fold, from 1.
        audio: Folder of the audio: the one that the lists' paths (``downloads/...``) start from, which is the checkout
            and the default, or any folder below which their last parts lie.
        language: ISO 639-1 code, for corpora whose language is not known here.

    Raises:
        CorpusError: No such corpus or fold.
    """
    require_folder(data, "EmoBox", "fold_1, or data/<corpus>/fold_1 with the reader option dataset=<corpus>")
    folder = _corpus_folder(data, dataset)
    chosen = folder / f"fold_{fold}"
    if not chosen.is_dir():
        there = ", ".join(path.name for path in folds_of(folder)) or "no fold"
        raise CorpusError(f"no {chosen}; {folder} holds {there}; choose with the reader option fold=<number>")
    name = dataset or folder.resolve().name
    spoken = language or LANGUAGES.get(corpus_id(name), "und")
    labels = {} if corpus_id(name) in CORPUS_LABELS else read_labels(folder) or {}
    for word, split in SPLITS.items():
        listing = find_list(chosen, word)
        if listing is not None:
            yield from _rows(listing, Fold(name, split, audio or _root(folder), labels, spoken))
        elif word != "valid":
            missing = f"{name}_{word}_fold_{fold}.jsonl"
            yield Skip(missing, "list_missing", f"no {missing}: the {split} split is empty", str(chosen))


def _corpus_folder(data: Path, dataset: str) -> Path:
    for candidate in (data, data / dataset, data / "data" / dataset):
        if any(candidate.glob("fold_*")):
            return candidate
    known = sorted({path.parent.name for pattern in ("*/fold_1", "data/*/fold_1") for path in data.glob(pattern)})
    hint = f"; name one with the reader option dataset: {', '.join(known)}" if known else ""
    raise CorpusError(f"{data} holds no fold of EmoBox{f' for {dataset!r}' if dataset else ''}{hint}")


def _root(folder: Path) -> Path:
    """Return the folder that holds ``downloads``: the checkout, above ``data/<corpus>``."""
    return next((parent for parent in folder.resolve().parents if (parent / "downloads").is_dir()), folder)


def _rows(path: Path, fold: Fold) -> Iterator[ManifestRow | Skip]:
    for source, entry in read_list(path):
        if isinstance(entry, Skip):
            yield entry
            continue
        key = safe_key(str(entry.get("key", ""))) or source.rpartition(", ")[2]
        yield row_or_skip(key, source, partial(_row, entry, key, source, fold))


def _row(entry: dict[str, Any], key: str, source: str, fold: Fold) -> ManifestRow:
    wav, label = str(entry.get("wav", "")), str(entry.get("emo", ""))
    if not wav or not label:
        raise RowError("bad_row", f"the list names no wav or no emo: {entry}")
    named = NAMED.get(corpus_id(fold.dataset))
    said = _said(named, wav) or Utterance(label, "unknown", fold.language)
    length = entry.get("length")
    return ManifestRow(
        key=key,
        audio=locate(fold.audio, wav),
        label=fold.labels.get(label, label),
        corpus=named.corpus if named else fold.dataset,
        speaker=said.speaker,
        gender=said.gender,
        language=said.language,
        transcript=said.transcript,
        split=fold.split,
        source=source,
        seconds=float(length) if isinstance(length, int | float) else None,
    )


def _said(named: NamedFiles | None, wav: str) -> Utterance | None:
    if named is None:
        return None
    try:
        return named.interpret(Path(PurePosixPath(wav)))
    except RowError:
        return None
