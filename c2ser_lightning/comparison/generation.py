"""Greedy answers of a Hugging Face model, the same for an utterance alone and in any batch."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from transformers import GenerationConfig, PreTrainedTokenizerBase

from c2ser_lightning.comparison.pretrained import ComparisonError


@dataclass(frozen=True, slots=True)
class Answer:
    """A generated text and its length in tokens, without the one that ends it."""

    text: str
    tokens: int


def make_greedy(model: Any, tokenizer: PreTrainedTokenizerBase) -> None:
    """Keep of a model's own generation settings nothing but its end marks.

    Chat models come with sampling and a repetition penalty. The penalty counts padding as said, and Qwen pads with one
    of its end marks, so it would make an answer depend on the batch it is in.

    Raises:
        ComparisonError: Neither the model nor the tokenizer names an end mark.
    """
    given = model.generation_config.eos_token_id
    ends = [] if given is None else [given] if isinstance(given, int) else list(given)
    if not ends and tokenizer.eos_token_id is not None:
        ends = [int(tokenizer.eos_token_id)]
    if not ends:
        raise ComparisonError("the model names no end mark (eos_token_id in generation_config.json or the tokenizer)")
    model.generation_config = GenerationConfig(  # type: ignore[no-untyped-call]
        do_sample=False, num_beams=1, eos_token_id=ends, pad_token_id=ends[0], use_cache=True
    )


@torch.no_grad()
def answer(
    model: Any, tokenizer: PreTrainedTokenizerBase, inputs: Mapping[str, Tensor], max_new_tokens: int
) -> list[Answer]:
    """Continue left-padded prompts greedily.

    Args:
        model: A causal language model of transformers, after :func:`make_greedy`.
        tokenizer: Its tokenizer.
        inputs: What ``generate`` takes, with ``input_ids`` ``[B, L]`` and ``attention_mask`` ``[B, L]``.
        max_new_tokens: Longest answer.
    """
    rows = model.generate(**inputs, max_new_tokens=max_new_tokens)
    ends, width = set(model.generation_config.eos_token_id), inputs["input_ids"].shape[1]
    return [_decoded(row, ends, tokenizer) for row in rows[:, width:].tolist()]


def _decoded(row: list[int], ends: set[int], tokenizer: PreTrainedTokenizerBase) -> Answer:
    length = next((place for place, token in enumerate(row) if token in ends), len(row))
    return Answer(str(tokenizer.decode(row[:length], skip_special_tokens=True)).strip(), length)
