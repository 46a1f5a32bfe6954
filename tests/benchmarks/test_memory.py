from pathlib import Path

import pytest
import torch
import yaml
from torch import nn
from torch.autograd.graph import saved_tensors_hooks
from transformers import Qwen2Config

from benchmarks.memory import Kept, computed, measure_step, table
from benchmarks.memory_parts import SETTINGS, LayerActivations, Setting, step_gigabytes
from benchmarks.random_qwen import write_model
from c2ser_lightning.models.language_model import LanguageModelSettings

LAYER = LayerActivations(kept=1000.0, checkpointed=10.0)


def test_what_autograd_keeps_is_counted_once_and_without_weights():
    model = nn.Sequential(nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 4))
    counted = Kept.of(model)
    value = torch.randn(2, 4)
    with saved_tensors_hooks(counted.pack, lambda tensor: tensor):
        model(value)
    # the input, and the result of ReLU, which both it and the second layer keep
    assert counted.total == 2 * value.nbytes


def test_weights_of_the_7b_model_in_each_precision():
    sizes = {
        kind: step_gigabytes(Setting("x", weights=kind), LAYER, 0, 0)["frozen weights"]
        for kind in ("bfloat16", "int8", "nf4")
    }
    encoders = 0.399e9 * 4 / 1e9
    assert sizes["bfloat16"] == pytest.approx(7.6156e9 * 2 / 1e9 + encoders, rel=1e-3)
    assert sizes["bfloat16"] - sizes["int8"] == pytest.approx(6.525, rel=1e-3)
    assert sizes["nf4"] < sizes["int8"]


def test_each_overlay_lowers_its_own_part_only():
    plain, checkpointed, offloaded = (
        step_gigabytes(Setting("x", checkpointing=c, offload=o), LAYER, 6000, 100)
        for c, o in ((False, False), (True, False), (True, True))
    )
    assert plain["activations"] == pytest.approx(28 * 1000 * 6000 / 1e9)
    assert checkpointed["activations"] == pytest.approx((28 * 10 + 1000) * 6000 / 1e9)
    assert offloaded["activations"] == pytest.approx(1000 * 6000 / 1e9)
    assert plain["logits"] == checkpointed["logits"] == offloaded["logits"]


def test_the_table_has_a_row_for_each_setting_and_its_sum():
    rows = computed(LAYER, 6000, 1920)
    assert set(rows) == {setting.name for setting in SETTINGS}
    assert all(row["sum"] == pytest.approx(sum(row.values()) - row["sum"]) for row in rows.values())
    assert len(table(rows).splitlines()) == len(SETTINGS) + 2


@pytest.mark.parametrize("setting", SETTINGS[1:], ids=lambda setting: setting.name)
def test_a_setting_is_what_the_overlays_of_its_name_set(setting):
    model, optimizer = {}, "adamw"
    for overlay in setting.name.split(" + "):
        arguments = yaml.safe_load(Path(f"configs/{overlay}.yaml").read_text())["model"]["init_args"]
        model |= arguments.get("language_model", {})
        optimizer = arguments.get("optimizer", {}).get("name", optimizer)
    assert setting.language_model("folder") == LanguageModelSettings(source="folder", **model)
    assert setting.optimizer == optimizer


@pytest.fixture
def tiny_model(tmp_path):
    config = Qwen2Config(
        vocab_size=320, hidden_size=64, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
        intermediate_size=128,
    )  # fmt: skip
    write_model(tmp_path / "model", config)
    return tmp_path / "model"


def test_a_checkpointed_step_keeps_less_and_is_otherwise_the_same(tiny_model):
    plain, checkpointed = (
        measure_step(tiny_model, name, torch.device("cpu"), 2, 40, 8)
        for name in ("as it is", "memory/gradient_checkpointing")
    )
    assert checkpointed["kept_for_backward"] < 0.5 * plain["kept_for_backward"]
    assert plain["frozen_weights"] == checkpointed["frozen_weights"] > 0
    assert plain["optimizer"] == checkpointed["optimizer"] > 0


@pytest.mark.gpu
def test_a_step_on_a_gpu_takes_more_than_its_weights(tiny_model):
    measured = measure_step(tiny_model, "as it is", torch.device("cuda"), 2, 40, 8)
    assert measured["peak_of_step"] > measured["frozen_weights"] + measured["kept_for_backward"]
