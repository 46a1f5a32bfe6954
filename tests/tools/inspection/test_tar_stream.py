import hashlib

import pytest

from c2ser_lightning.data.ledger import Ledger
from c2ser_lightning.data.shard_index import scan_tar
from tests.shards import record, write_split, write_tar
from tools.inspection.tar_stream import TarStream, read_member


def test_what_the_index_says_read_once(tmp_path):
    tar = write_split(tmp_path, "dev", [0.3] * 9)
    read = []
    stream = TarStream(tar, read.append)
    raws = list(stream)
    expected = scan_tar(tar, Ledger())
    places = [(raw.key, raw.members["flac"].offset, len(raw.members["flac"].data)) for raw in raws]
    assert places == [(entry.key, entry.audio_offset, entry.audio_size) for entry in expected]
    assert stream.sha256 == hashlib.sha256(tar.read_bytes()).hexdigest()
    assert (stream.bytes, sum(read), stream.damage) == (tar.stat().st_size, tar.stat().st_size, "")
    record_at = expected[4].record_offset
    assert read_member(tar, record_at) == raws[4].members["json"].data


def test_names_beyond_the_header_are_read_in_full(tmp_path):
    key = "long" * 60
    item = record(0, 0.3, key=key)
    tar = write_tar(tmp_path / "dev-000000.tar", [(f"{key}.json", item.to_json().encode()), (f"{key}.flac", b"x")])
    (raw,) = TarStream(tar)
    assert (raw.key, set(raw.members)) == (key, {"json", "flac"})
    assert read_member(tar, raw.members["json"].offset) == item.to_json().encode()


@pytest.mark.parametrize("size", [0, 100, 512, 700])
def test_a_file_of_a_few_bytes_is_damage_and_hashed(tmp_path, size):
    tar = tmp_path / "dev-000000.tar"
    tar.write_bytes(bytes(range(256)) * 3)
    tar.write_bytes(tar.read_bytes()[:size])
    stream = TarStream(tar)
    assert list(stream) == []
    assert stream.damage
    assert stream.sha256 == hashlib.sha256(tar.read_bytes()).hexdigest()
