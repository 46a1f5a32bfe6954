"""Random models of real sizes: what is written loads as what was asked for."""

import pytest
import torch
from torch import nn
from transformers import AutoModelForCausalLM, Qwen2Config, Qwen2ForCausalLM

from benchmarks.random_qwen import SIZES, write_model

QWEN2_WEIGHTS = {"Qwen2-0.5B": 494_032_768, "Qwen2-7B": 7_615_616_512}
"""Of the published models."""


@pytest.mark.parametrize("tied", [True, False])
def test_a_written_model_loads_with_every_weight(tied, tmp_path):
    config = Qwen2Config(
        vocab_size=320, hidden_size=32, num_hidden_layers=3, num_attention_heads=4, num_key_value_heads=2,
        intermediate_size=64, tie_word_embeddings=tied,
    )  # fmt: skip
    write_model(tmp_path / "model", config)
    model, report = AutoModelForCausalLM.from_pretrained(tmp_path / "model", output_loading_info=True)
    assert not report["missing_keys"] and not report["unexpected_keys"]
    assert model.dtype == torch.bfloat16
    assert len(list((tmp_path / "model").glob("layer_*.safetensors"))) == 3
    linear = [layer.weight for layer in model.modules() if isinstance(layer, nn.Linear)]
    assert all(weight.float().std().item() == pytest.approx(0.02, rel=0.1) for weight in linear)


@pytest.mark.parametrize("name", list(SIZES))
def test_sizes_are_the_published_ones(name):
    with torch.device("meta"):
        model = Qwen2ForCausalLM(SIZES[name])
    assert sum(weight.numel() for weight in model.parameters()) == QWEN2_WEIGHTS[name]
