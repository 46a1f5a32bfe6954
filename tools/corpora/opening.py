"""Open a corpus by name, with its reader's options and those that every reader has."""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

from c2ser_lightning.corpus_labels import corpus_id
from c2ser_lightning.data.ledger import Skip
from tools.corpora.base import CorpusError, ManifestRow
from tools.corpora.options import nearest, option_types, parse_options
from tools.corpora.registry import READERS

SplitChoice = Literal["official", "train", "dev", "test", "speakers"]

COMMON_OPTIONS = {"split": SplitChoice, "relabel": str}
"""``split``: keep the reader's splits, put everything into one, or forget them so that speakers are split.
``relabel``: ``old:new,old:new``, applied before harmonisation; an empty new label makes unlabelled speech."""


def corpus_name(text: str) -> str:
    """Return the registered name that was meant, whatever its case and punctuation; a type for argparse.

    Raises:
        argparse.ArgumentTypeError: No such corpus; the message names the nearest.
    """
    by_id = {corpus_id(name): name for name in READERS}
    if corpus_id(text) in by_id:
        return by_id[corpus_id(text)]
    known = ", ".join(sorted(READERS))
    raise argparse.ArgumentTypeError(f"unknown corpus {text!r}; {nearest(text.lower(), list(READERS))}known: {known}")


def open_corpus(name: str, data: Path, given: Sequence[str] = ()) -> Iterator[ManifestRow | Skip]:
    """Read a corpus.

    Args:
        name: A registered name.
        data: Its folder, or a list.
        given: Reader options as ``key=value``.

    Returns:
        Rows, and a Skip for each row that cannot be one. Options are checked at once, the corpus when it is read.

    Raises:
        CorpusError: An option is unknown or has a wrong value, or, while reading, ``data`` is not this corpus.
    """
    reader = READERS[name]
    options = parse_options(given, {**option_types(reader), **COMMON_OPTIONS}, name)
    split, relabelled = options.pop("split", "official"), _relabelling(options.pop("relabel", ""))
    return _changed(reader(data, **options), split, relabelled)


def _relabelling(text: str) -> dict[str, str]:
    pairs = [pair.partition(":") for pair in text.split(",") if pair.strip()]
    for old, colon, new in pairs:
        if not colon:
            raise CorpusError(f"reader option relabel: {old + new!r} is not old:new")
    return {old.strip(): new.strip() for old, _, new in pairs}


def _changed(
    rows: Iterator[ManifestRow | Skip], split: SplitChoice, labels: Mapping[str, str]
) -> Iterator[ManifestRow | Skip]:
    for row in rows:
        if isinstance(row, Skip):
            yield row
            continue
        changed = replace(row, label=labels.get(row.label, row.label)) if labels else row
        if split != "official":
            changed = replace(changed, split="" if split == "speakers" else split)
        yield changed
