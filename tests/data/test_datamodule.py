import json
from collections import Counter
from unittest.mock import patch

import pytest

from c2ser_lightning.data.bucketing import BatchConfig
from c2ser_lightning.data.class_batches import ClassBatchConfig
from c2ser_lightning.data.datamodule import EmotionDataModule, FilterConfig, LoaderConfig
from c2ser_lightning.data.ledger import StrictModeError
from c2ser_lightning.data.loader import EpochLoader, Position
from c2ser_lightning.data.shard_index import ShardError, ShardIndex
from tests.shards import members, record, write_split, write_tar


def keys(loader) -> list[list[str]]:
    return [[item.key for item in batch.records] for batch in loader]


def opened(folder, **settings) -> EmotionDataModule:
    settings.setdefault("batch", BatchConfig(max_utterances=2))
    settings.setdefault("loader", LoaderConfig(workers=0))
    module = EmotionDataModule(str(folder), **settings)
    module.setup("test")
    return module


def test_batches_carry_waveforms_masks_labels_and_host_lengths(tmp_path):
    write_split(tmp_path, "test", [0.5, 0.8, 0.3])
    batch = next(iter(opened(tmp_path).test_dataloader()))
    assert batch.lengths == [12_800, 8_000]
    assert batch.waveforms.shape == batch.padding_mask.shape == (2, 12_800)
    assert batch.padding_mask.sum(1).tolist() == [0, 4_800]
    assert batch.waveforms[1, 8_000:].abs().max() == 0
    assert batch.emotions.tolist() == [1, 0]
    assert batch.padding_share == pytest.approx(4_800 / 25_600)


def test_training_batches_can_be_filled_by_class_and_test_batches_never_are(tmp_path):
    for split in ("train", "dev", "test"):
        write_split(tmp_path, split, [0.4 + 0.01 * number for number in range(15)])
    module = opened(tmp_path, by_class=ClassBatchConfig(per_class=2), batch=BatchConfig(max_utterances=4))
    module.setup("fit")
    for batch in module.train_dataloader():
        assert min(Counter(batch.emotions.tolist()).values()) >= 2
    assert sorted(key for batch in keys(module.test_dataloader()) for key in batch) == [
        f"utt{n:03d}" for n in range(15)
    ]


@pytest.mark.parametrize("workers", [0, 2])
def test_a_resumed_epoch_goes_on_with_the_next_batch(tmp_path, workers):
    write_split(tmp_path, "test", [0.4 + 0.01 * number for number in range(9)])
    whole = opened(tmp_path).test_dataloader()
    place = Position(epoch=2, batches_done=3)
    resumed = EpochLoader(
        whole._dataset, whole._plan, ledger=whole._ledger, workers=workers, pin_memory=False, position=lambda: place
    )
    assert keys(resumed) == keys(whole)[3:]
    assert len(resumed) == len(whole)


def test_a_corrupt_member_is_skipped_named_and_nothing_else_is_lost(tmp_path):
    tar = write_split(tmp_path, "test", [0.5] * 5)
    entry = ShardIndex.load(tmp_path, "test").entries[3][1]
    data = bytearray(tar.read_bytes())
    data[entry.audio_offset : entry.audio_offset + 200] = b"\0" * 200
    tar.write_bytes(bytes(data))
    module = opened(tmp_path)
    assert sorted([key for batch in keys(module.test_dataloader()) for key in batch]) == [
        "utt000",
        "utt001",
        "utt002",
        "utt004",
    ]
    assert [(skip.key, skip.reason) for skip in module.ledger.skips] == [("utt003", "undecodable")]


def test_strict_stops_at_the_first_bad_utterance(tmp_path):
    write_split(tmp_path, "test", [0.5, 25.0])
    with pytest.raises(StrictModeError, match="too_long"):
        opened(tmp_path, loader=LoaderConfig(workers=0, strict=True))


def test_filters_are_counted_by_reason(tmp_path):
    records = [record(0, 0.5), record(1, 0.1), record(2, 21.0), record(3, 0.5, emotion=None), record(5, 0.5)]
    write_tar(tmp_path / "test-000000.tar", members(records))
    module = opened(tmp_path, emotions=["anger", "happiness", "neutral", "sadness"])
    assert [key for batch in keys(module.test_dataloader()) for key in batch] == ["utt000"]
    assert module.ledger.counts() == {"too_short": 1, "too_long": 1, "unlabelled": 1, "outside_label_set": 1}


def test_unlabelled_speech_takes_part_when_asked_for(tmp_path):
    write_tar(tmp_path / "test-000000.tar", members([record(0, 0.5, emotion=None)]))
    module = opened(tmp_path, filters=FilterConfig(labelled_only=False))
    assert next(iter(module.test_dataloader())).emotions.tolist() == [-1]


def test_nothing_usable_is_an_error_that_says_why(tmp_path):
    write_split(tmp_path, "test", [25.0, 30.0])
    with pytest.raises(ShardError, match="2 left out"):
        opened(tmp_path)


def test_unknown_emotions_are_refused_by_name(tmp_path):
    with pytest.raises(ValueError, match="joy"):
        EmotionDataModule(str(tmp_path), emotions=["joy"])


def test_names_synthetic_flag_and_audio_for_reports(tmp_path):
    write_split(tmp_path / "toy", "test", [0.5])
    (tmp_path / "toy" / "info.json").write_text(json.dumps({"synthetic": True}))
    module = opened(tmp_path / "toy")
    assert module.corpus_name == "toy"
    assert module.synthetic
    assert module.load_audio("utt000")[:4] == b"fLaC"
    assert module.load_audio("nobody") is None


def test_every_epoch_of_training_asks_for_its_own_position(tmp_path):
    write_split(tmp_path, "train", [0.5] * 6)
    write_split(tmp_path, "dev", [0.5])
    module = EmotionDataModule(str(tmp_path), batch=BatchConfig(max_utterances=2), loader=LoaderConfig(workers=0))
    module.setup("fit")
    with patch.object(module, "_train_position", side_effect=[Position(0), Position(1), Position(1, 1)]):
        loader = module.train_dataloader()
        first, second, resumed = keys(loader), keys(loader), keys(loader)
    assert first != second
    assert resumed == second[1:]
