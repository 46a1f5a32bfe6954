"""EmoBox (Ma et al. 2024): the published folds of 32 corpora as lists of clips, with the corpora's own audio.

``data/<corpus>/fold_<n>/<corpus>_<train|valid|test>_fold_<n>.jsonl`` (or ``.json``, one object by key), and
``label_map.json``. Paths in the lists start with ``downloads/<corpus>``; speaker, sex and words come from the file
names of corpora that this project knows.
"""

import json
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
from tools.corpora.emodb import EMODB
from tools.corpora.emovdb import EMOVDB
from tools.corpora.emovo import EMOVO
from tools.corpora.esd import ESD
from tools.corpora.files import read_text, require_folder
from tools.corpora.json_lines import json_objects
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
LABEL_MAPS = ("label_map.json", "label_dict.json")


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
        audio: Folder that the lists' paths (``downloads/...``) start from; the checkout when not given.
        language: ISO 639-1 code, for corpora whose language is not known here.

    Raises:
        CorpusError: No such corpus or fold.
    """
    require_folder(data, "EmoBox", "fold_1, or data/<corpus>/fold_1 with the reader option dataset=<corpus>")
    folder = _corpus_folder(data, dataset)
    chosen = folder / f"fold_{fold}"
    if not chosen.is_dir():
        there = ", ".join(sorted(path.name for path in folder.glob("fold_*"))) or "no fold"
        raise CorpusError(f"no {chosen}; {folder} holds {there}; choose with the reader option fold=<number>")
    name = dataset or folder.resolve().name
    spoken = language or LANGUAGES.get(corpus_id(name), "und")
    labels = {} if corpus_id(name) in CORPUS_LABELS else _label_map(folder)
    for word, split in SPLITS.items():
        paths = sorted(chosen.glob(f"*_{word}_fold_{fold}.json*"), key=lambda path: path.suffix, reverse=True)
        if paths:
            yield from _rows(paths[0], Fold(name, split, audio or _root(folder), labels, spoken))
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


def _label_map(folder: Path) -> dict[str, str]:
    path = next((folder / name for name in LABEL_MAPS if (folder / name).is_file()), None)
    return json.loads(read_text(path)) if path else {}


def _rows(path: Path, fold: Fold) -> Iterator[ManifestRow | Skip]:
    for source, entry in json_objects(path) if path.suffix == ".jsonl" else _keyed_objects(path):
        if isinstance(entry, Skip):
            yield entry
            continue
        key = safe_key(str(entry.get("key", ""))) or source.rpartition(", ")[2]
        yield row_or_skip(key, source, partial(_row, entry, key, source, fold))


def _keyed_objects(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    try:
        entries = json.loads(read_text(path)).items()
        yield from ((f"{path}, {key}", {"key": key, **entry}) for key, entry in entries)
    except (ValueError, AttributeError, TypeError) as error:
        raise CorpusError(f"{path} is not the JSON of key and clip: {error}") from error


def _row(entry: dict[str, Any], key: str, source: str, fold: Fold) -> ManifestRow:
    wav, label = str(entry.get("wav", "")), str(entry.get("emo", ""))
    if not wav or not label:
        raise RowError("bad_row", f"the list names no wav or no emo: {entry}")
    named = NAMED.get(corpus_id(fold.dataset))
    said = _said(named, wav) or Utterance(label, "unknown", fold.language)
    length = entry.get("length")
    return ManifestRow(
        key=key,
        audio=fold.audio / wav,
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
