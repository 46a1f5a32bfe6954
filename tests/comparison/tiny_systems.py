"""Comparison systems small enough for tests: the real classes of transformers, random weights, own tokenizers."""

import json
from pathlib import Path

import torch
from transformers import (
    GenerationConfig,
    PreTrainedTokenizerFast,
    Qwen2AudioConfig,
    Qwen2AudioForConditionalGeneration,
    Qwen2AudioProcessor,
    Qwen2Config,
    Qwen2ForCausalLM,
    WhisperConfig,
    WhisperFeatureExtractor,
    WhisperForConditionalGeneration,
    WhisperProcessor,
    WhisperTokenizer,
)

from tests.tiny_runs import TEXTS
from tools.make_tiny_backbones import train_tokenizer

CHAT = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
AUDIO_TOKENS = ["<|audio_bos|>", "<|AUDIO|>", "<|audio_eos|>"]
MELS = 16
RELEASED_SAMPLING = {"do_sample": True, "top_p": 0.5, "top_k": 20, "temperature": 0.7, "repetition_penalty": 1.5}
"""Settings like those that the released chat models bring along."""


def tokenizer() -> PreTrainedTokenizerFast:
    return train_tokenizer(TEXTS, 400)


def loud(model: torch.nn.Module) -> None:
    """Random weights of the usual size answer everything alike; these depend on what they are given."""
    generator = torch.Generator().manual_seed(5)
    for name, weight in model.named_parameters():
        if weight.ndim > 1 and "embed_positions" not in name:
            size = (4.0 if "attn" in name else 1.5) * weight.shape[-1] ** -0.5
            weight.data = torch.randn(weight.shape, generator=generator) * size


def sampling_like_released(tokens: PreTrainedTokenizerFast, **changes: object) -> GenerationConfig:
    ends = [tokens.convert_tokens_to_ids(name) for name in ("<|im_end|>", "<|endoftext|>")]
    return GenerationConfig(**{**RELEASED_SAMPLING, "eos_token_id": ends, "pad_token_id": ends[1], **changes})


def qwen2_audio_folder(folder: Path) -> Path:
    tokens = tokenizer()
    tokens.add_tokens(AUDIO_TOKENS, special_tokens=True)
    config = Qwen2AudioConfig(
        audio_config={
            "num_mel_bins": MELS,
            "d_model": 32,
            "encoder_layers": 1,
            "encoder_attention_heads": 4,
            "encoder_ffn_dim": 32,
        },
        text_config={"model_type": "qwen2", **_qwen2_sizes(tokens)},
        audio_token_index=tokens.convert_tokens_to_ids("<|AUDIO|>"),
    )
    model = Qwen2AudioForConditionalGeneration(config)
    loud(model)
    model.generation_config = sampling_like_released(tokens)
    model.save_pretrained(folder)
    Qwen2AudioProcessor(WhisperFeatureExtractor(MELS), tokens).save_pretrained(folder)
    return folder


def chat_model_folder(folder: Path) -> Path:
    tokens = tokenizer()
    tokens.chat_template = CHAT
    model = Qwen2ForCausalLM(Qwen2Config(**_qwen2_sizes(tokens)))
    loud(model)
    model.generation_config = sampling_like_released(tokens)
    model.save_pretrained(folder)
    tokens.save_pretrained(folder)
    return folder


def whisper_folder(folder: Path, *, multilingual: bool = True) -> Path:
    """A Whisper whose tokenizer has the special tokens of the real one, for three languages."""
    trained = json.loads(tokenizer().backend_tokenizer.to_str())["model"]
    words = WhisperTokenizer(vocab=trained["vocab"], merges=[tuple(pair) for pair in trained["merges"]])
    languages = ["<|en|>", "<|zh|>", "<|it|>"]
    special = ["<|startoftranscript|>", *languages, "<|translate|>", "<|transcribe|>", "<|notimestamps|>"]
    words.add_tokens(special, special_tokens=True)
    ids = {name: words.convert_tokens_to_ids(name) for name in [*special, "<|endoftext|>"]}
    config = WhisperConfig(
        vocab_size=len(words),
        num_mel_bins=MELS,
        d_model=32,
        encoder_layers=1,
        encoder_attention_heads=4,
        encoder_ffn_dim=32,
        decoder_layers=1,
        decoder_attention_heads=4,
        decoder_ffn_dim=32,
        pad_token_id=ids["<|endoftext|>"],
        bos_token_id=ids["<|endoftext|>"],
        eos_token_id=ids["<|endoftext|>"],
        decoder_start_token_id=ids["<|startoftranscript|>"],
        tie_word_embeddings=False,  # tied random embeddings repeat the last token for ever
    )
    model = WhisperForConditionalGeneration(config)
    loud(model)
    model.generation_config = GenerationConfig(
        max_length=12,
        decoder_start_token_id=ids["<|startoftranscript|>"],
        eos_token_id=ids["<|endoftext|>"],
        pad_token_id=ids["<|endoftext|>"],
        no_timestamps_token_id=ids["<|notimestamps|>"],
        suppress_tokens=sorted({*ids.values(), *(n for n in range(len(words)) if not words.decode([n]).isascii())}),
        is_multilingual=multilingual,
        lang_to_id={name: ids[name] for name in languages},
        task_to_id={name: ids[f"<|{name}|>"] for name in ("translate", "transcribe")},
    )
    model.save_pretrained(folder)
    WhisperProcessor(WhisperFeatureExtractor(MELS), words).save_pretrained(folder)
    return folder


def _qwen2_sizes(tokens: PreTrainedTokenizerFast) -> dict[str, object]:
    return {
        "vocab_size": len(tokens),
        "hidden_size": 32,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "intermediate_size": 32,
        "max_position_embeddings": 4096,
        "tie_word_embeddings": False,
    }
