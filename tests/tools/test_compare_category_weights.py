"""The comparison through its command, on a handful of tones."""

import json

import pytest

from tests.commands import TINY_EMOTION2VEC, TINY_STAGE, python
from tests.conftest import ROOT
from tests.shards import write_split


@pytest.mark.slow
@pytest.mark.long
def test_pretrained_probed_and_reported(tmp_path):
    for split, count in (("train", 14), ("dev", 7), ("test", 14)):
        write_split(tmp_path / "shards", split, [0.4 + 0.02 * number for number in range(count)])
    (tmp_path / "stage.yaml").write_text(TINY_STAGE)
    (tmp_path / "emotion2vec.yaml").write_text(TINY_EMOTION2VEC)
    configs, out = ROOT / "configs", tmp_path / "out"
    command = [
        *("-m", "tools.compare_category_weights", "--shards", tmp_path / "shards", "--out", out),
        *("--weights", 100, "--seeds", 4),
        *("--pretraining", configs / "emotion2vec_s.yaml", tmp_path / "stage.yaml", tmp_path / "emotion2vec.yaml"),
        *("--probe", configs / "probe.yaml", tmp_path / "stage.yaml"),
    ]
    done = python(*command)
    (outcome,) = json.loads((out / "weights.json").read_text())
    assert (outcome["weight"], outcome["seed"]) == (100.0, 4)
    assert 0.0 <= outcome["ua"] <= 1.0
    assert (out / "weights.md").read_text() in done.stdout
    assert (out / "embeddings.png").stat().st_size > 5_000
    log = out / "weight_100" / "seed_4" / "log.txt"
    written = log.stat().st_mtime_ns
    python(*command)
    assert log.stat().st_mtime_ns == written
