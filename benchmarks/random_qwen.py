"""Random language models of the real ones' sizes, written layer by layer: none of them is ever whole in memory."""

import json
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor
from transformers import Qwen2Config, Qwen2ForCausalLM

from tools.make_tiny_backbones import train_tokenizer

SIZES = {
    "Qwen2-0.5B": Qwen2Config(
        vocab_size=151_936,
        hidden_size=896,
        num_hidden_layers=24,
        num_attention_heads=14,
        num_key_value_heads=2,
        intermediate_size=4864,
        tie_word_embeddings=True,
    ),
    "Qwen2-7B": Qwen2Config(
        vocab_size=152_064,
        hidden_size=3584,
        num_hidden_layers=28,
        num_attention_heads=28,
        num_key_value_heads=4,
        intermediate_size=18_944,
        tie_word_embeddings=False,
    ),
}
"""Of the published models' configurations."""


def write_model(folder: Path, config: Qwen2Config) -> None:
    """Write a model with random bf16 weights, and a small tokenizer (what is measured needs no other).

    Args:
        folder: Where to; created.
        config: Size of the model.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with torch.device("meta"):
        shapes = {name: weight.shape for name, weight in Qwen2ForCausalLM(config).named_parameters()}
    index = {name: f"{_part(name)}.safetensors" for name in shapes}
    for file in sorted(set(index.values())):
        weights = {name: _random(name, shape) for name, shape in shapes.items() if index[name] == file}
        save_file(weights, folder / file, metadata={"format": "pt"})
    (folder / "model.safetensors.index.json").write_text(json.dumps({"metadata": {}, "weight_map": index}))
    config.architectures, config.dtype = ["Qwen2ForCausalLM"], torch.bfloat16
    config.save_pretrained(folder)
    train_tokenizer(["what is measured does not depend on the text"], 300).save_pretrained(folder)


def _part(name: str) -> str:
    """Name a weight's file: one for each layer, one for each weight outside the layers."""
    words = name.split(".")
    return f"layer_{int(words[2]):02d}" if words[1] == "layers" else words[-2]


def _random(name: str, shape: torch.Size) -> Tensor:
    if "norm" in name:
        return torch.ones(shape, dtype=torch.bfloat16)
    return torch.empty(shape, dtype=torch.bfloat16).normal_(0.0, 0.02)
