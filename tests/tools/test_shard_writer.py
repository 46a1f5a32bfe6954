import hashlib
import tarfile

import pytest
import webdataset

from c2ser_lightning.data.audio import encode_flac
from c2ser_lightning.data.record import UtteranceRecord
from c2ser_lightning.data.shard_index import ShardIndex
from tests.shards import record, tone
from tools.shard_writer import ShardMembers, remove_stale, write_shard


def samples(count):
    return [(record(number, 0.3), encode_flac(tone(number, 0.3))) for number in range(count)]


def members(pairs):
    return (ShardMembers(item.key, item.to_json(), audio) for item, audio in pairs)


def write_shards(pairs, folder, split, size):
    parts = [pairs[start : start + size] for start in range(0, len(pairs), size)]
    return [write_shard(members(part), folder / f"{split}-{number:06d}.tar") for number, part in enumerate(parts)]


def test_shards_hold_what_was_given(tmp_path):
    infos = write_shards(samples(5), tmp_path, "train", 2)
    assert [(info.file, info.utterances) for info in infos] == [
        ("train-000000.tar", 2),
        ("train-000001.tar", 2),
        ("train-000002.tar", 1),
    ]
    index = ShardIndex.load(tmp_path, "train")
    assert [index.read_record(place) for place in range(5)] == [made for made, _ in samples(5)]
    assert [index.read_audio(place) for place in range(5)] == [audio for _, audio in samples(5)]


def test_any_webdataset_reader_can_read_them(tmp_path):
    write_shards(samples(3), tmp_path, "train", 10)
    read = list(webdataset.WebDataset(str(tmp_path / "train-000000.tar"), shardshuffle=False))
    assert [UtteranceRecord.from_json(item["json"]) for item in read] == [made for made, _ in samples(3)]


def test_checksums_and_bytes_are_those_of_the_files(tmp_path):
    for info in write_shards(samples(3), tmp_path, "train", 2):
        data = (tmp_path / info.file).read_bytes()
        assert (info.sha256, info.bytes) == (hashlib.sha256(data).hexdigest(), len(data))


def test_same_input_same_bytes(tmp_path):
    first, second = (write_shards(samples(4), tmp_path / name, "train", 3) for name in "ab")
    assert first == second
    with tarfile.open(tmp_path / "a" / "train-000000.tar") as archive:
        assert {(member.mtime, member.uname, member.gname) for member in archive} == {(0, "", "")}


def test_a_killed_run_leaves_no_half_shard(tmp_path):
    def interrupted():
        yield from samples(3)
        raise KeyboardInterrupt

    write_shard(members(samples(1)), tmp_path / "train-000000.tar")
    before = (tmp_path / "train-000000.tar").read_bytes()
    for name in ("train-000000.tar", "train-000001.tar"):
        with pytest.raises(KeyboardInterrupt):
            write_shard(members(interrupted()), tmp_path / name)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["train-000000.index.jsonl", "train-000000.tar"]
    assert (tmp_path / "train-000000.tar").read_bytes() == before


def test_stale_shards_go_and_other_splits_stay(tmp_path):
    write_shards(samples(4), tmp_path, "train", 1)
    test = write_shards(samples(1), tmp_path, "test", 1)
    for name in ("train-000009.tar.0123.partial", "notes-of-mine.tar"):
        (tmp_path / name).touch()
    remove_stale(tmp_path, [*test, *write_shards(samples(4), tmp_path, "train", 2)])
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "notes-of-mine.tar",
        "test-000000.index.jsonl",
        "test-000000.tar",
        "train-000000.index.jsonl",
        "train-000000.tar",
        "train-000001.index.jsonl",
        "train-000001.tar",
    ]


def test_vectors_are_a_member_that_other_readers_pass_over(tmp_path):
    (item, audio), *_ = samples(1)
    write_shard([ShardMembers(item.key, item.to_json(), audio, b"vectors")], tmp_path / "train-000000.tar")
    with tarfile.open(tmp_path / "train-000000.tar") as archive:
        assert [member.name for member in archive] == [f"{item.key}.{suffix}" for suffix in ("flac", "json", "npy")]
    assert ShardIndex.load(tmp_path, "train").read_record(0) == item
