"""The lists of an EmoBox checkout (Ma et al. 2024, arXiv:2406.07162): where they lie, what they hold, their audio.

``data/<corpus>/`` holds ``label_map.json`` (or ``label_dict.json``), and in ``fold_<n>/`` the lists
``<corpus>_{train,valid,test}_fold_<n>`` as ``.jsonl``, one utterance a line, or ``.json``, an object by key.
"""

import json
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from c2ser_lightning.data.ledger import Skip
from tools.corpora.base import CorpusError
from tools.corpora.files import read_text
from tools.corpora.json_lines import json_objects

LABEL_FILES = ("label_map.json", "label_dict.json")
SUFFIXES = (".jsonl", ".json")
CONVERTED = (".wav", ".flac")
"""Lossless formats that users convert a corpus to."""


def folds_of(folder: Path) -> list[Path]:
    """Return the ``fold_<n>`` folders of a corpus, in the order of their numbers."""
    return sorted(folder.glob("fold_*"), key=lambda path: (len(path.name), path.name))


def find_list(fold: Path, part: str) -> Path | None:
    """Return the list of ``train``, ``valid`` or ``test`` in a fold's folder, or ``None``; JSON lines first."""
    corpus, number = fold.parent.name, fold.name.removeprefix("fold_")
    named = [fold / f"{corpus}_{part}_fold_{number}{suffix}" for suffix in SUFFIXES]
    others = [path for suffix in SUFFIXES for path in sorted(fold.glob(f"*_{part}_fold_{number}{suffix}"))]
    return next((path for path in [*named, *others] if path.is_file()), None)


def read_list(path: Path) -> Iterator[tuple[str, dict[str, Any] | Skip]]:
    """Yield each utterance with where it stands; what is no object becomes a Skip.

    Raises:
        CorpusError: A ``.json`` list is not one object of utterances by key.
    """
    if path.suffix == ".jsonl":
        yield from json_objects(path)
        return
    for key, entry in _object(path).items():
        source = f"{path}, {key}"
        wrong = Skip(key, "not_json", "the entry is no object {...}", source)
        yield source, {"key": key, **entry} if isinstance(entry, dict) else wrong


def read_labels(folder: Path) -> dict[str, str] | None:
    """Read the map from raw labels to the corpus' label set; ``None`` where a corpus has none.

    Raises:
        CorpusError: It is no map of texts.
    """
    path = next((folder / name for name in LABEL_FILES if (folder / name).is_file()), None)
    if path is None:
        return None
    labels = _object(path)
    if not all(isinstance(value, str) for value in labels.values()):
        raise CorpusError(f"{path} is not a map from labels to labels")
    return labels


def locate(audio: Path, wav: str) -> Path:
    """Return where a listed path lies under the user's folder; the most likely place when it lies nowhere.

    Listed paths begin with a folder of the authors (``downloads/<corpus>/``): they are looked up whole, then without
    their first parts, and with the suffixes of lossless conversions.
    """
    parts = PurePosixPath(wav).parts
    shortened = [PurePosixPath(*parts[start:]) for start in range(len(parts))]
    for path in shortened:
        for suffix in dict.fromkeys((path.suffix, *CONVERTED)):
            candidate = audio / path.with_suffix(suffix)
            if candidate.is_file():
                return candidate
    return audio / shortened[min(2, len(shortened) - 1)]


def _object(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(read_text(path))
    except ValueError as error:
        raise CorpusError(f"{path} is not JSON: {error}") from error
    if not isinstance(found, dict):
        raise CorpusError(f"{path} is not one JSON object")
    return found
