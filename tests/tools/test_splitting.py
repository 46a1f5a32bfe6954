from pathlib import Path

import pytest

from tools.corpora.base import ManifestRow
from tools.splitting import fill_splits


def row(speaker, number=0, split=""):
    key = f"{speaker}_{number}"
    return ManifestRow(key, Path(f"{key}.wav"), "anger", "toy", speaker, "", "en", "", split, "toy")


def test_given_splits_are_kept():
    rows = [row("a", split="test"), row("b", split="train")]
    assert fill_splits(rows) == (rows, "")


def test_three_speakers_make_three_disjoint_splits():
    filled, note = fill_splits([row(speaker, number) for speaker in "abc" for number in range(5)])
    by_speaker = {made.speaker: {other.split for other in filled if other.speaker == made.speaker} for made in filled}
    assert all(len(splits) == 1 for splits in by_speaker.values())
    assert set().union(*by_speaker.values()) == {"train", "dev", "test"}
    assert "by speaker" in note


def test_order_of_rows_does_not_matter():
    rows = [row(speaker, number) for speaker in "abcdef" for number in range(3)]
    forwards, backwards = fill_splits(rows)[0], fill_splits(rows[::-1])[0]
    assert {made.key: made.split for made in forwards} == {made.key: made.split for made in backwards}


def test_one_speaker_is_split_by_utterance_and_says_so():
    filled, note = fill_splits([row("only", number) for number in range(300)])
    shares = {split: sum(made.split == split for made in filled) / 300 for split in ("train", "dev", "test")}
    assert shares["train"] > 0.7
    assert min(shares.values()) > 0.04
    assert "known from training" in note


@pytest.mark.parametrize("placed", "abcd")
@pytest.mark.parametrize("split", ["train", "dev", "test"])
def test_a_speaker_placed_by_other_rows_never_crosses_splits(placed, split):
    rows = [row(placed, 0, split), *(row(speaker, number) for speaker in "abcd" for number in (1, 2))]
    filled, _ = fill_splits(rows)
    assert {made.split for made in filled if made.speaker == placed} == {split}
