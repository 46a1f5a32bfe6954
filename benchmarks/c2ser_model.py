"""C2SER with random weights at a small size and at the paper's, and utterances in the shape of emotional corpora."""

from dataclasses import dataclass, replace
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

from benchmarks.speech import mixed_lengths
from c2ser_lightning.models.c2ser import C2SER, AcousticSettings
from c2ser_lightning.models.connector import ConnectorSettings
from c2ser_lightning.models.emotion2vec import Emotion2VecConfig
from c2ser_lightning.models.emotion2vec.load import Emotion2VecSource
from c2ser_lightning.models.language_model import LanguageModelSettings
from c2ser_lightning.models.whisper import WhisperSettings
from c2ser_lightning.text.prompts import Turn

TURN = Turn(before="w1 w2 w3", after=" ".join(f"w{number}" for number in range(4, 27)), end="</s>")
"""As many tokens around the speech as the chat layout has."""

IMPLICIT_TOKENS = 8
STYLE_TOKENS = 89
TOKENS_PER_SECOND = 3.2
"""An explicit answer describes the style in about 89 tokens and repeats the words: 110 in all at 6.5 s."""


@dataclass(frozen=True, slots=True)
class Size:
    """Sizes of all parts."""

    whisper: WhisperSettings
    emotion2vec: Emotion2VecConfig
    connector: ConnectorSettings
    language_model: LanguageModelSettings
    vocabulary: int


SMALL_CONVOLUTIONS = [(64, 10, 5), *[(64, 3, 2)] * 4, *[(64, 2, 2)] * 2]
SIZES = {
    "small": Size(
        WhisperSettings(source=None, width=128, layers=4, heads=4, ffn=512),
        Emotion2VecConfig(embed_dim=96, prenet_depth=1, depth=2, heads=4, convolutions=SMALL_CONVOLUTIONS),
        ConnectorSettings(layers=2, ffn=320),
        LanguageModelSettings(source=None, dtype="float32", width=512, layers=8, heads=8, key_value_heads=2, ffn=1408),
        vocabulary=8192,
    ),
    "7b": Size(
        WhisperSettings(source=None),
        Emotion2VecConfig(),
        ConnectorSettings(),
        LanguageModelSettings(source=None, dtype="bfloat16"),
        vocabulary=152_064,
    ),
}  # fmt: skip


def build(size: Size, device: torch.device, kind: type[C2SER] = C2SER, **changes: Any) -> C2SER:
    """Return a model with random weights, in training mode; ``changes`` are settings of its language model."""
    torch.manual_seed(0)
    with TemporaryDirectory() as folder, device:
        word_tokenizer(size.vocabulary).save_pretrained(folder)
        settings = replace(size.language_model, tokenizer=folder, **changes)
        source = Emotion2VecSource(random_config=size.emotion2vec)
        model = kind(size.whisper, AcousticSettings(source), size.connector, settings)
    return model.to(device).train()


def word_tokenizer(vocabulary: int) -> PreTrainedTokenizerFast:
    """Return a tokenizer for which ``w17`` is one token, so that a text has as many tokens as it shall have."""
    words = {"</s>": 0, "<unk>": 1, **{f"w{number}": number for number in range(2, vocabulary)}, "w1": 1}
    del words["<unk>"]
    tokenizer = Tokenizer(models.WordLevel(words, unk_token="w1"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="</s>", pad_token="</s>")  # type: ignore[no-untyped-call]


@dataclass(frozen=True, slots=True)
class Utterance:
    """Seconds of noise and its two answers."""

    seconds: float
    explicit: str
    implicit: str


def utterances(count: int, vocabulary: int, seed: int = 0) -> list[Utterance]:
    """Return utterances whose lengths and texts have the shape of emotional corpora."""
    draw = np.random.default_rng(seed)
    made = []
    for seconds in mixed_lengths(count, seed):
        explicit = round(STYLE_TOKENS + TOKENS_PER_SECOND * seconds + draw.normal(0.0, 12.0))
        made.append(Utterance(seconds, _words(explicit, vocabulary, draw), _words(IMPLICIT_TOKENS, vocabulary, draw)))
    return made


def _words(count: int, vocabulary: int, draw: np.random.Generator) -> str:
    ids: NDArray[np.int64] = draw.integers(2, vocabulary, size=count - 1)  # the end mark makes it ``count``
    return "".join(f"w{number} " for number in ids)
