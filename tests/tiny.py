"""Models small enough for tests, built by the real classes."""

from pathlib import Path
from typing import Any

import torch

from c2ser_lightning.data.batch import Batch, Sample, collate
from c2ser_lightning.models.emotion2vec import Emotion2VecConfig
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
