"""Splits for corpora that name none: by speaker where there are enough speakers, by utterance otherwise."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from tools.corpora.base import ManifestRow


def fill_splits(rows: Sequence[ManifestRow]) -> tuple[list[ManifestRow], str]:
    """Give rows without a split one, deterministically; also returns a sentence on how it was done, or nothing.

    With three or more speakers a tenth of them (at least one) becomes dev and as many test, in the order of a hash of
    their names; with fewer, utterances are drawn by a hash of their keys, and speakers are shared between splits.
    """
    missing = [row for row in rows if not row.split]
    if not missing:
        return list(rows), ""
    speakers = sorted({row.speaker for row in missing}, key=_order)
    if len(speakers) >= 3:
        held_out = max(1, round(len(speakers) / 10))
        splits = {
            speaker: "dev" if place < held_out else "test" if place < 2 * held_out else "train"
            for place, speaker in enumerate(speakers)
        }
        filled = [row if row.split else replace(row, split=splits[row.speaker]) for row in rows]
        return filled, f"the manifest names no split for {len(missing)} rows: split by speaker, {held_out} each held out"
    filled = [row if row.split else replace(row, split=_by_key(row.key)) for row in rows]
    note = f"the manifest names no split for {len(missing)} rows of {len(speakers)} speakers: split by utterance, "
    return filled, note + "so speakers of dev and test are known from training"


def _by_key(key: str) -> str:
    return {0: "dev", 1: "test"}.get(int(_order(key), 16) % 10, "train")


def _order(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
