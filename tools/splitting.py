"""Splits for corpora that name none: by speaker where there are enough speakers, by utterance otherwise."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace

from tools.corpora.base import ManifestRow


def fill_splits(rows: Sequence[ManifestRow]) -> tuple[list[ManifestRow], str]:
    """Give rows without a split one, deterministically; also returns a sentence on how it was done, or nothing.

    A speaker who has a split in other rows keeps it. Of three or more remaining speakers a tenth (at least one) becomes
    dev and as many test, in the order of a hash of their names; of fewer, utterances are drawn by a hash of their keys,
    and speakers are shared between splits.
    """
    missing = [row for row in rows if not row.split]
    if not missing:
        return list(rows), ""
    placed = {row.speaker: row.split for row in rows if row.split}
    speakers = sorted({row.speaker for row in missing} - placed.keys(), key=_order)
    note = f"the manifest names no split for {len(missing)} rows"
    if len(speakers) >= 3:
        held_out = max(1, round(len(speakers) / 10))
        note += f": split by speaker, {held_out} each for dev and test"
        return [_filled(row, placed | _by_speaker(speakers, held_out)) for row in rows], note
    if speakers:
        note += f" of {len(speakers)} speakers: split by utterance, so speakers of dev and test are known from training"
    else:
        note += ": they go to the splits that other rows name for their speakers"
    return [_filled(row, placed) for row in rows], note


def _by_speaker(speakers: Sequence[str], held_out: int) -> dict[str, str]:
    names = ["dev"] * held_out + ["test"] * held_out + ["train"] * (len(speakers) - 2 * held_out)
    return dict(zip(speakers, names, strict=True))


def _filled(row: ManifestRow, splits: Mapping[str, str]) -> ManifestRow:
    return row if row.split else replace(row, split=splits.get(row.speaker) or _by_key(row.key))


def _by_key(key: str) -> str:
    return {0: "dev", 1: "test"}.get(int(_order(key), 16) % 10, "train")


def _order(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
