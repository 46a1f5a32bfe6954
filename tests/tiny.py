"""Models small enough for tests, built by the real classes."""

from pathlib import Path
from typing import Any

import torch

from c2ser_lightning.data.batch import Batch, Sample, collate
from c2ser_lightning.models.emotion2vec import Emotion2VecConfig
from c2ser_lightning.models.speech import Speech
from tests.shards import record, tone

EMOTION2VEC_SIZES: dict[str, Any] = {
    "convolutions": [(16, 10, 5), (16, 3, 2), (16, 3, 2), (16, 3, 2), (16, 3, 2), (16, 2, 2), (16, 2, 2)],
    "embed_dim": 32,
    "prenet_depth": 1,
    "depth": 2,
    "heads": 4,
    "position_groups": 4,
    "decoder_dim": 16,
    "decoder_groups": 4,
    "decoder_layers": 2,
}


def emotion2vec_config(**changes: Any) -> Emotion2VecConfig:
    return Emotion2VecConfig(**{**EMOTION2VEC_SIZES, **changes})


def batch(seconds: list[float], **changes: Any) -> Batch:
    """A batch of tones whose pitch tells the emotion."""
    return collate(
        [
            Sample(record(number, length, **changes), torch.from_numpy(tone(number, length)))
            for number, length in enumerate(seconds)
        ]
    )


def language_model_folder(folder: Path, texts: list[str]) -> Path:
    """A tiny Qwen2 with its own tokenizer, random weights, saved as the tool saves it."""
    from tools.make_tiny_backbones import Sizes, train_tokenizer, write_language_model

    sizes = Sizes(vocabulary=400, lm_width=32, lm_layers=2, lm_heads=4, lm_ffn=64)
    tokenizer = train_tokenizer(texts, sizes.vocabulary)
    write_language_model(texts, tokenizer, sizes, 2, folder)
    return folder


def llama_folder(folder: Path, texts: list[str]) -> Path:
    """A tiny LLaMA with its own tokenizer and LLaMA's begin and end marks, random weights."""
    from transformers import LlamaConfig, LlamaForCausalLM

    from tools.make_tiny_backbones import train_tokenizer

    tokenizer = train_tokenizer(texts, 400)
    tokenizer.add_special_tokens({"bos_token": "<s>", "eos_token": "</s>"})
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        intermediate_size=64,
        max_position_embeddings=512,
        initializer_range=0.2,  # wide enough for what it reads to matter
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def hubert_folder(folder: Path) -> Path:
    """A tiny HuBERT with random weights, saved as the tool saves it."""
    from tools.make_tiny_backbones import Sizes, write_hubert

    write_hubert(Sizes(hubert_width=32, hubert_layers=1, hubert_convolution_width=16), folder)
    return folder


def speech(seconds: list[float]) -> Speech:
    """Tones as models take them."""
    made = batch(seconds)
    return Speech(made.waveforms, made.padding_mask, made.lengths)


def alone(whole: Speech, row: int) -> Speech:
    """One utterance of a batch, without its padding."""
    return whole.rows([row])
