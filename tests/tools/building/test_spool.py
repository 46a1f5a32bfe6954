"""Into how many shards how much is packed, and which utterance goes where."""

from collections import Counter
from itertools import pairwise

import pytest

from tests.shards import record
from tools.building.describing import Size
from tools.building.measuring import Clip
from tools.building.spool import BYTES_BESIDE_SOUND, ShardSize, Spool, SpoolLine, sorted_lines
from tools.building.work_folder import open_work_folder

CLIP = Clip(3, 5, "ab")


@pytest.mark.parametrize(
    ("target", "size", "shards"),
    [
        (ShardSize(), Size(1, 1), 1),
        (ShardSize(utterances=2), Size(4, 1), 2),
        (ShardSize(utterances=2), Size(5, 1), 3),
        (ShardSize(megabytes=1), Size(100, 2_000_000 - 100 * BYTES_BESIDE_SOUND), 2),
        (ShardSize(megabytes=1), Size(100, 2_000_001 - 100 * BYTES_BESIDE_SOUND), 3),
        (ShardSize(megabytes=1, utterances=10), Size(100, 1), 10),
    ],
)
def test_number_of_shards(target, size, shards):
    assert target.shards(size) == shards


def spooled(folder, keys, numbers, lines_at_once, monkeypatch):
    monkeypatch.setattr("tools.building.spool.LINES_AT_ONCE", lines_at_once)
    with open_work_folder(folder / "out") as work:
        spool = Spool(work, numbers)
        for place, key in enumerate(keys):
            spool.add(record(place, 1.0, key=key), "unit", place, CLIP)
        spool.flush()
        return {shard: list(sorted_lines(work.spool(shard))) for shard in sorted(spool.counts)}, spool.counts


def test_shards_are_shuffled_and_near_their_size(tmp_path, monkeypatch):
    keys = [f"u{number}" for number in range(1000)]
    shards, counts = spooled(tmp_path, keys, {"train": 4}, 64, monkeypatch)
    assert list(shards) == [f"train-{number:06d}" for number in range(4)]
    assert {shard: len(lines) for shard, lines in shards.items()} == counts
    assert all(200 < count < 300 for count in counts.values())
    places = [line.place for lines in shards.values() for line in lines]
    assert sorted(places) == list(range(1000))
    following = sum(after == before + 1 for before, after in pairwise(places))
    assert following < 10


def test_neither_order_of_rows_nor_size_of_parts_moves_an_utterance(tmp_path, monkeypatch):
    keys = [f"u{number}" for number in range(50)]
    one, _ = spooled(tmp_path, keys, {"train": 3}, 1, monkeypatch)
    other, _ = spooled(tmp_path, keys[::-1], {"train": 3}, 64, monkeypatch)
    orders = [{shard: [line.order for line in lines] for shard, lines in made.items()} for made in (one, other)]
    assert orders[0] == orders[1]


def test_a_new_utterance_changes_one_shard(tmp_path, monkeypatch):
    keys = [f"u{number}" for number in range(200)]
    before, _ = spooled(tmp_path, keys, {"train": 8}, 64, monkeypatch)
    after, _ = spooled(tmp_path, [*keys, "new"], {"train": 8}, 64, monkeypatch)
    assert Counter(before[shard] == after[shard] for shard in before) == {True: 7, False: 1}


def test_lines_are_read_as_they_were_written():
    text = record(1, 1.0, transcript="tab\t, line\u2028 end\n").to_json()
    line = SpoolLine("0" * 64, "unit", 7, CLIP, text)
    assert SpoolLine.read(line.written()) == line
