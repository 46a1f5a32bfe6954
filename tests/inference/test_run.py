"""A run or an exported folder comes back as a module, from where it lies now."""

import shutil

import pytest
import torch
import yaml

from c2ser_lightning.emotions import EMOTIONS
from c2ser_lightning.inference.run import build_module, load_run, read_config
from c2ser_lightning.modules.checkpointing import CheckpointError
from tests.tiny import batch
from tools import export


@pytest.fixture(scope="module")
def exported(stage2_run, tmp_path_factory):
    out = tmp_path_factory.mktemp("exported") / "first"
    export.main(["--run", str(stage2_run), "--out", str(out)])
    return out


def test_a_run_comes_back_with_its_trained_weights(stage2_run):
    run = load_run(stage2_run)
    assert run.checkpoint == stage2_run / "checkpoints" / "last.ckpt"
    assert not run.module.training
    stored = torch.load(run.checkpoint, weights_only=True)["state_dict"]
    weights = run.module.state_dict()
    assert stored
    assert all(torch.equal(weights[name], value) for name, value in stored.items())


def test_an_exported_folder_answers_wherever_it_was_moved_to(stage2_run, exported, tmp_path):
    moved = tmp_path / "moved"
    shutil.move(exported, moved)
    sound = batch([0.9, 0.6])
    before, after = (load_run(folder).module.scores(sound, EMOTIONS) for folder in (stage2_run, moved))
    torch.testing.assert_close(before, after, atol=1e-4, rtol=0)


def test_features_are_kept_only_where_asked(stage2_run, tmp_path):
    config = read_config(stage2_run / "config.yaml")
    config["model"]["init_args"]["cache_megabytes"] = 7
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(config))
    weights = stage2_run / "checkpoints" / "last.ckpt"
    assert load_run(tmp_path, weights).module.cache_megabytes == 7
    assert load_run(tmp_path, weights, cached=False).module.cache_megabytes == 0


def test_what_cannot_be_loaded_is_named(stage2_run, tmp_path):
    with pytest.raises(FileNotFoundError, match="give the run_dir of a finished fit"):
        load_run(tmp_path)
    with pytest.raises(CheckpointError, match="no such checkpoint"):
        load_run(stage2_run, tmp_path / "none.ckpt")
    (tmp_path / "config.yaml").write_text("trainer: {}")
    with pytest.raises(ValueError, match="configures no model"):
        load_run(tmp_path)
    config = {"model": {"class_path": "lightning.pytorch.demos.boring_classes.BoringModel", "init_args": {}}}
    with pytest.raises(ValueError, match="BoringModel recognises nothing"):
        build_module(config)
