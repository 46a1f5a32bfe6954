"""Released files: names in both directions, what is reported, and what is refused."""

import json

import pytest
import torch
from safetensors.torch import load_file, save_file

from c2ser_lightning.models.emotion2vec import Emotion2Vec, Emotion2VecConfig
from c2ser_lightning.models.emotion2vec.checkpoint import (
    ReleasedCheckpointError,
    build_from_released,
    export_released,
    load_released_checkpoint,
)
from c2ser_lightning.models.emotion2vec.released_config import parse_convolutions
from c2ser_lightning.models.emotion2vec.released_names import own_name, released_name
from tests.models.emotion2vec.test_parity import FIXTURE
from tests.tiny import emotion2vec_config


@pytest.fixture(scope="module")
def weights():
    return load_file(FIXTURE / "state_dict.safetensors")


@pytest.fixture(scope="module")
def conf():
    return json.loads((FIXTURE / "model_conf.json").read_text())


def test_every_released_name_translates_and_back(weights):
    for key in weights:
        assert own_name(key) != key
        assert released_name(own_name(key)) == key
    assert own_name("modality_encoders.AUDIO.relative_positional_encoder.5.0.bias").endswith("convolutions.4.bias")
    assert own_name("proj.weight") == "proj.weight"


def test_exported_weights_are_the_released_ones(weights):
    exported = export_released(Emotion2Vec.from_released(None, weights))
    assert exported.keys() == weights.keys()
    for key, value in weights.items():
        assert torch.equal(exported[key], value), key


def test_fairseq_wrapping_average_and_classifier_are_tolerated(weights, tmp_path):
    extra = {"proj.weight": torch.zeros(9, 48), "_ema": {"blocks.0.norm1.weight": torch.zeros(48)}}
    torch.save({"model": {**weights, **extra}, "optimizer_history": [], "args": None}, tmp_path / "released.pt")
    model, report = load_released_checkpoint(tmp_path / "released.pt")
    assert (set(report.used), report.ignored, report.missing) == (set(weights), ["proj.weight", "_ema"], [])
    assert str(report) == f"{len(weights)} tensors used, 2 ignored, 0 missing"
    assert model.config.heads == 4
    assert model.config.convolutions[0] == (32, 10, 5)


def test_without_decoder_only_the_decoder_is_reported_missing(weights, tmp_path):
    save_file({key: value for key, value in weights.items() if ".decoder." not in key}, tmp_path / "a.safetensors")
    model, report = load_released_checkpoint(tmp_path / "a.safetensors")
    assert model.decoder is None
    assert set(report.missing) == {key for key in weights if ".decoder." in key}


@pytest.mark.parametrize("key", ["blocks.1.attn.qkv.bias", "modality_encoders.AUDIO.alibi_scale"])
def test_a_missing_tensor_is_named(weights, key):
    with pytest.raises(ReleasedCheckpointError, match=key.replace(".", r"\.")):
        build_from_released(None, {name: value for name, value in weights.items() if name != key})


def test_another_size_than_the_config_is_named(weights):
    config = Emotion2Vec.from_released(None, weights).config
    config.mlp_ratio = 2.0
    with pytest.raises(ReleasedCheckpointError, match=r"mlp\.fc1.* has shape \(192,.*, the config asks for \(96,"):
        build_from_released(config, weights)


def test_files_that_are_no_checkpoint_say_so(tmp_path):
    with pytest.raises(ReleasedCheckpointError, match="no such checkpoint"):
        load_released_checkpoint(tmp_path / "none.pt")
    for name in ("damaged.pt", "damaged.safetensors"):
        (tmp_path / name).write_bytes(b"\x80\x02 not a checkpoint")
        with pytest.raises(ReleasedCheckpointError, match=f"{name} cannot be read"):
            load_released_checkpoint(tmp_path / name)
    torch.save([1, 2], tmp_path / "list.pt")
    with pytest.raises(ReleasedCheckpointError, match="holds a list"):
        load_released_checkpoint(tmp_path / "list.pt")
    torch.save({"model": {"layer.weight": torch.zeros(1)}}, tmp_path / "other.pt")
    with pytest.raises(ReleasedCheckpointError, match=r"other\.pt: no key of an emotion2vec encoder"):
        load_released_checkpoint(tmp_path / "other.pt")


def test_a_pickle_that_runs_code_is_refused(tmp_path):
    torch.save({"model": {"x": print}}, tmp_path / "code.pt")
    with pytest.raises(ReleasedCheckpointError, match="cannot be read as tensors only"):
        load_released_checkpoint(tmp_path / "code.pt")


def test_the_released_settings_and_the_tensors_tell_the_same_sizes(weights, conf):
    assert Emotion2VecConfig.from_model_conf(conf) == Emotion2Vec.from_released(None, weights).config


def test_settings_that_need_another_architecture_are_refused(conf):
    with pytest.raises(ValueError, match="layer_norm_first is True; only False is supported"):
        Emotion2VecConfig.from_model_conf({**conf, "layer_norm_first": True})
    with pytest.raises(ValueError, match="embed_dim is missing"):
        Emotion2VecConfig.from_model_conf({key: value for key, value in conf.items() if key != "embed_dim"})


def test_convolutions_are_parsed_and_never_run():
    base = "[(512, 10, 5)] + [(512, 3, 2)] * 4 + [(512,2,2)] + [(512,2,2)]"
    assert parse_convolutions(base) == Emotion2VecConfig().convolutions
    for text in ("__import__('os')", "[(1, 2)]", "3", "[(1, 2, 3)"):
        with pytest.raises(ValueError, match="not a list of"):
            parse_convolutions(text)


def test_data2vec_2_files_have_no_prenet_and_no_utterance_tokens(tmp_path):
    model = Emotion2Vec(emotion2vec_config(prenet_depth=0, extra_tokens=0, depth=3)).eval()
    weights = export_released(model)
    weights.pop("modality_encoders.AUDIO.extra_tokens")
    torch.save({"model": weights, "cfg": {"model": {"depth": 3}}}, tmp_path / "base_libri.pt")
    loaded, report = load_released_checkpoint(tmp_path / "base_libri.pt")
    assert (loaded.config.prenet_depth, loaded.config.extra_tokens, loaded.config.depth) == (0, 0, 3)
    assert not [key for key in report.missing if "decoder" not in key]
    waveform = torch.randn(1, 8000)
    with torch.no_grad():
        expected = model.extract_features(waveform)
        found = loaded.eval().extract_features(waveform)
    torch.testing.assert_close(found.frames, expected.frames)
    assert found.utterance_tokens.shape == (1, 0, 32)
