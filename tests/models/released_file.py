"""A released-style ``C2SER_llm.pt`` at a tiny size, made by transformers and PEFT under the released names."""

from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, get_peft_model
from safetensors.torch import load_file
from torch import Tensor
from transformers import Qwen2Config, Qwen2ForCausalLM

from c2ser_lightning.models.language_model import RELEASED_TARGETS, LanguageModelSettings
from c2ser_lightning.models.whisper import WhisperSettings
from tests.conftest import ROOT

FIXTURE = ROOT / "tests" / "fixtures" / "connector_tiny"
HEADS: dict[str, Any] = {"whisper": WhisperSettings(heads=4), "language_model": LanguageModelSettings(heads=4)}
"""What the tensors do not tell of the tiny model."""


def adapted_qwen2(vocabulary: int, **sizes: int) -> torch.nn.Module:
    """A Qwen2 of the connector fixture's width with random LoRA matrices."""
    settings = {"num_hidden_layers": 2, "intermediate_size": 64, **sizes}
    config = Qwen2Config(
        vocab_size=vocabulary,
        hidden_size=40,
        num_attention_heads=4,
        num_key_value_heads=2,
        rope_parameters={"rope_type": "default", "rope_theta": 1e6},
        **settings,
    )
    lora = LoraConfig(
        r=8, lora_alpha=32, lora_dropout=0.1, target_modules=list(RELEASED_TARGETS), task_type="CAUSAL_LM"
    )
    model = get_peft_model(Qwen2ForCausalLM(config), lora)
    for name, weight in model.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(weight, std=0.05)
    return model.eval()


def released_weights(language_model: torch.nn.Module) -> dict[str, Tensor]:
    """All tensors of the released layout, the unused ones and the second names among them."""
    weights = load_file(FIXTURE / "state_dict.safetensors")
    weights |= {f"llama_model.{name}": value for name, value in language_model.state_dict().items()}
    (inner,) = {key.removesuffix("lm_head.weight") for key in weights if key.endswith("lm_head.weight")}
    weights["embed_tokens.weight"] = weights[f"{inner}model.embed_tokens.weight"]
    weights["lm_head.weight"] = weights[f"{inner}lm_head.weight"]
    weights["speech_token_emded.weight"] = torch.randn(4099, 40)
    weights["speaker_head.weight"] = torch.randn(4097, 40)
    weights["speaker_head.bias"] = torch.randn(4097)
    weights["ln_speech.weight"], weights["ln_speech.bias"] = torch.ones(32), torch.zeros(32)
    return weights


def write_released(path: Path, weights: dict[str, Tensor], dtype: torch.dtype = torch.float32) -> Path:
    """Save as released: a bare state dict, position tables in it, one type; names of one tensor stay one tensor."""
    cast = {id(value): value.to(dtype) for value in weights.values()}
    torch.save({name: cast[id(value)] for name, value in weights.items()}, path)
    return path
