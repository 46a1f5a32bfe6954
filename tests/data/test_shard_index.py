import pytest
import webdataset

from c2ser_lightning.data.ledger import Ledger
from c2ser_lightning.data.shard_index import ShardError, ShardIndex, index_path, scan_tar, write_index
from tests.shards import members, record, write_split, write_tar


def test_random_access_returns_what_was_written(tmp_path):
    write_split(tmp_path, "train", [0.5, 0.7, 0.9])
    index = ShardIndex.load(tmp_path, "train")
    assert [index.read_record(position).key for position in (2, 0, 1)] == ["utt002", "utt000", "utt001"]
    assert index.durations == [0.5, 0.7, 0.9]
    assert index.read_audio(1)[:4] == b"fLaC"
    assert index.position("utt002") == 2
    assert index.position("nobody") is None


def test_the_tars_are_plain_webdataset(tmp_path):
    tar = write_split(tmp_path, "train", [0.5, 0.7])
    samples = list(webdataset.WebDataset(str(tar), shardshuffle=False))
    index = ShardIndex.load(tmp_path, "train")
    assert [sample["__key__"] for sample in samples] == ["utt000", "utt001"]
    assert samples[1]["flac"] == index.read_audio(1)


def test_a_missing_index_is_rebuilt(tmp_path):
    tar = write_split(tmp_path, "train", [0.5, 0.7])
    with_index = ShardIndex.load(tmp_path, "train").entries
    index_path(tar).unlink()
    assert ShardIndex.load(tmp_path, "train").entries == with_index


def test_a_tar_that_grew_after_indexing_is_scanned_again(tmp_path):
    tar = write_split(tmp_path, "train", [0.5])
    write_tar(tar, members([record(number, 0.5) for number in range(30)]), index=False)
    assert len(ShardIndex.load(tmp_path, "train")) == 30


def test_a_truncated_tar_loses_only_its_tail(tmp_path):
    tar = write_split(tmp_path, "train", [0.5] * 4)
    last = ShardIndex.load(tmp_path, "train").entries[-1][1]
    tar.write_bytes(tar.read_bytes()[: last.audio_offset + 10])
    ledger = Ledger()
    assert len(ShardIndex.load(tmp_path, "train", ledger)) == 3
    assert [(skip.key, skip.reason) for skip in ledger.skips] == [("utt003", "truncated_shard")]


@pytest.mark.parametrize("indexed", [True, False])
def test_a_corrupt_header_loses_nothing_that_the_index_knows(tmp_path, indexed):
    tar = write_split(tmp_path, "train", [0.5] * 4)
    entry = ShardIndex.load(tmp_path, "train").entries[2][1]
    data = bytearray(tar.read_bytes())
    data[entry.audio_offset - 512 : entry.audio_offset - 400] = b"\xff" * 112
    tar.write_bytes(bytes(data))
    ledger = Ledger()
    if indexed:
        index = ShardIndex.load(tmp_path, "train", ledger)
        assert [index.read_record(position).key for position in range(len(index))][2] == "utt002"
        assert len(ledger) == 0
    else:
        entries = scan_tar(tar, ledger)
        assert [entry.key for entry in entries] == ["utt000", "utt001", "utt003"]
        assert ledger.counts() == {"corrupt_shard": 1, "missing_member": 1}


def test_a_tar_cut_off_without_an_index_keeps_its_whole_members(tmp_path):
    tar = write_split(tmp_path, "train", [0.5] * 4)
    last = ShardIndex.load(tmp_path, "train").entries[-1][1]
    tar.write_bytes(tar.read_bytes()[: last.audio_offset + 10])
    index_path(tar).unlink()
    ledger = Ledger()
    index = ShardIndex.load(tmp_path, "train", ledger)
    assert [entry.key for _, entry in index.entries] == ["utt000", "utt001", "utt002"]
    assert "corrupt_shard" in ledger.counts()


def test_a_file_that_is_no_tar_is_named(tmp_path):
    (tmp_path / "train-000000.tar").write_bytes(b"hello" * 1000)
    ledger = Ledger()
    assert len(ShardIndex.load(tmp_path, "train", ledger)) == 0
    assert ledger.counts() == {"corrupt_shard": 1}


def test_a_member_without_its_partner_and_a_bad_record_are_named(tmp_path):
    good, lonely, bad = (members([record(number, 0.5)]) for number in range(3))
    bad[1] = (bad[1][0], b'{"key": "utt002", "mood": 1}')
    tar = write_tar(tmp_path / "train-000000.tar", [*good, lonely[0], *bad], index=False)
    ledger = Ledger()
    assert [entry.key for entry in scan_tar(tar, ledger)] == ["utt000"]
    assert {(skip.key, skip.reason) for skip in ledger.skips} == {
        ("utt001", "missing_member"),
        ("utt002", "bad_record"),
    }


def test_writing_an_index_of_a_damaged_tar_is_refused(tmp_path):
    tar = write_split(tmp_path, "train", [0.5] * 2)
    tar.write_bytes(tar.read_bytes()[:3000])
    with pytest.raises(ShardError, match="build this shard again"):
        write_index(tar)


def test_missing_folder_and_missing_split_say_what_to_do(tmp_path):
    with pytest.raises(ShardError, match="make shards"):
        ShardIndex.load(tmp_path / "nowhere", "train")
    write_split(tmp_path, "train", [0.5])
    with pytest.raises(ShardError, match="splits there: train"):
        ShardIndex.load(tmp_path, "dev")
