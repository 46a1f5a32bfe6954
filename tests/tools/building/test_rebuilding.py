"""What a second build does again: only what its changed input touches."""

import io
import json
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from c2ser_lightning.data.shard_index import ShardError, ShardIndex, index_path
from c2ser_lightning.models.emotion2vec.load import Emotion2VecSource, load_emotion2vec
from tests.shards import tone
from tests.tools.building.corpus import bad, files, listed, manifest
from tools.building.options import parse
from tools.building.pipeline import build
from tools.building.work_folder import BuildError, open_work_folder
from tools.inspection.inspection import Inspection

COUNT = 40
OPTIONS = ("--workers", "1", "--pitch-hop-ms", "100", "--shard-utterances", "6")


def built(folder: Path, rows: list[dict[str, str]], *options: str) -> dict[str, tuple[int, int]]:
    """Build and return how much each stage did, and how much it knew."""
    source = manifest(folder / "corpus", rows)
    given = ["--corpus", "csv", "--data", str(source), "--out", str(folder / "out"), *OPTIONS, *options]
    return {stage.name: (stage.done, stage.known) for stage in build(parse("test", None, given))}


def changed(before: dict[str, bytes], after: dict[str, bytes]) -> set[str]:
    return {name for name in {*before, *after} if before.get(name) != after.get(name)}


def tars(names: set[str]) -> list[str]:
    return sorted(name for name in names if name.endswith(".tar"))


def tar_of(folder: Path, key: str) -> str:
    for tar in sorted(folder.glob("*.tar")):
        if f'"key": "{key}"' in index_path(tar).read_text():
            return tar.name
    raise AssertionError(f"{key} is in no shard")


@pytest.fixture
def rows(tmp_path):
    """Rows of a corpus that was built once, good and bad ones."""
    made = [*listed(tmp_path / "corpus", COUNT), *bad(tmp_path / "corpus")]
    stages = built(tmp_path, made)
    assert stages["measure"] == (COUNT + 5, 0)
    assert stages["pack"] == (COUNT, 0)
    return made


def test_without_a_change_nothing_is_done_again(rows, tmp_path):
    before = files(tmp_path / "out")
    stages = built(tmp_path, rows)
    assert stages["measure"] == (0, COUNT + 5)
    assert stages["pack"] == (0, COUNT)
    assert files(tmp_path / "out") == before
    assert len([path for path in (tmp_path / "out.work").rglob("*") if path.suffix == ".flac"]) >= 1
    assert not [one for one in Inspection(tmp_path / "out").findings.names() if one in {"checksum", "counts", "index"}]


def test_another_label_or_transcript_changes_one_shard_and_measures_nothing(rows, tmp_path):
    for key, field, value in ((7, "emotion", "disgusted"), (13, "text", "other words")):
        before = files(tmp_path / "out")
        rows[key][field] = value
        stages = built(tmp_path, rows)
        assert stages["measure"] == (0, COUNT + 5)
        shard = tar_of(tmp_path / "out", f"a{key:03d}")
        assert tars(changed(before, files(tmp_path / "out"))) == [shard]
        assert stages["pack"][0] == len(index_path(tmp_path / "out" / shard).read_text().splitlines()) - 1
    index = ShardIndex.load(tmp_path / "out", "train")
    assert index.read_record(index.position("a007")).emotion == "disgust"


def test_a_changed_sound_is_measured_again_and_a_repaired_one_comes_in(rows, tmp_path):
    soundfile.write(tmp_path / "corpus" / "gone.wav", tone(3, 0.5), 16_000)
    soundfile.write(tmp_path / "corpus" / "a005.wav", tone(5, 0.8), 16_000)
    stages = built(tmp_path, rows)
    assert 0 < stages["measure"][0] <= 2 * 64
    ledger = (tmp_path / "out" / "ledger.jsonl").read_text()
    assert '"gone"' not in ledger
    index = ShardIndex.load(tmp_path / "out", "test")
    assert index.read_record(index.position("a005")).duration == 0.8


def test_other_pitch_settings_measure_again(rows, tmp_path):
    assert built(tmp_path, rows, "--pitch-hop-ms", "50")["measure"] == (COUNT + 5, 0)
    assert built(tmp_path, rows, "--pitch-hop-ms", "50", "--levels", "speaker")["measure"] == (0, COUNT + 5)


def test_what_is_no_longer_used_is_removed(rows, tmp_path):
    built(tmp_path, rows[:20], "--shard-utterances", "100")
    assert tars(set(files(tmp_path / "out"))) == ["dev-000000.tar", "test-000000.tar", "train-000000.tar"]
    work = tmp_path / "out.work"
    units = len(list((work / "rows").iterdir()))
    assert len(list((work / "measured").iterdir())) == 2 * units
    assert len(list((work / "records").iterdir())) == units
    assert len(list((work / "shards").iterdir())) == 3


def test_a_damaged_shard_is_written_again(rows, tmp_path):
    before = files(tmp_path / "out")
    tar = tmp_path / "out" / "train-000000.tar"
    damages: list[Callable[[], object]] = [
        lambda: os.truncate(tar, 4096),
        tar.unlink,
        index_path(tar).unlink,
        lambda: tar.write_bytes(bytes(tar.stat().st_size)),
    ]
    for damage in damages:
        damage()
        assert files(tmp_path / "out") != before
        built(tmp_path, rows)
        assert files(tmp_path / "out") == before


def test_a_changed_back_shard_is_not_taken_for_the_old_one(rows, tmp_path):
    before = files(tmp_path / "out")
    rows[4]["text"] = "word 5"
    built(tmp_path, rows)
    rows[4]["text"] = "word 4"
    built(tmp_path, rows)
    assert files(tmp_path / "out") == before


def test_damaged_work_is_said(rows, tmp_path):
    for sound in (tmp_path / "out.work" / "measured").glob("*.flac"):
        sound.write_bytes(bytes(sound.stat().st_size))
    rows[4]["text"] = "other"
    with pytest.raises(BuildError, match=r"\.flac is damaged; remove it and .*\.jsonl beside it, and run again"):
        built(tmp_path, rows)


def test_two_builds_of_a_folder_do_not_meet(tmp_path):
    with open_work_folder(tmp_path / "out"), pytest.raises(BuildError, match="another build is writing"):
        built(tmp_path, listed(tmp_path / "corpus", 1))


def test_vectors_stand_beside_the_sound(tmp_path, tiny_encoder):
    rows = listed(tmp_path / "corpus", 6)
    stages = built(tmp_path, rows, "--vectors", str(tiny_encoder))
    assert stages["vectors"] == (6, 0)
    info = json.loads((tmp_path / "out" / "info.json").read_text())["vectors"]
    index = ShardIndex.load(tmp_path / "out", "train")
    stored = [index.read_vectors(position) for position in range(len(index))]
    assert {(one.dtype, one.shape) for one in stored} == {(np.dtype(np.float16), tuple(info["shape"]))}
    expected = [plainly_encoded(tiny_encoder, index.read_audio(position)) for position in range(len(index))]
    for one, plain in zip(stored, expected, strict=True):
        np.testing.assert_allclose(one, plain, atol=2e-3)
    assert len({one.tobytes() for one in stored}) == len(stored)
    assert not set(Inspection(tmp_path / "out").findings.names()) & {"record", "info", "index", "checksum"}
    before = files(tmp_path / "out")
    rows[0]["text"] = "else"
    assert built(tmp_path, rows, "--vectors", str(tiny_encoder))["vectors"] == (0, 6)
    assert changed(before, files(tmp_path / "out"))
    assert built(tmp_path, rows)["measure"] == (0, 6)
    with pytest.raises(ShardError, match=r"holds no vectors of a0.*--vectors"):
        ShardIndex.load(tmp_path / "out", "train").read_vectors(0)


def plainly_encoded(checkpoint, flac):
    """Utterance tokens by the encoder itself, on sound that soundfile decodes."""
    samples, _ = soundfile.read(io.BytesIO(flac), dtype="float32")
    encoder = load_emotion2vec(Emotion2VecSource(str(checkpoint)))
    with torch.inference_mode():
        return encoder.extract_features(torch.from_numpy(samples)[None]).utterance_tokens[0].numpy()
