"""Write small but real backbones in Hugging Face format, trained on a corpus' own training texts.

The demo has no pretrained weights to load, so it makes some: a byte-level BPE tokenizer, a small Qwen2 language model
warmed up on the training texts (without any speech), and small Whisper and HuBERT encoders with random weights, the
latter for SECap. From there on it runs the code of the 7B configs, which load their backbones by ``from_pretrained`` of
a folder just the same.
"""

import argparse
import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from torch import Tensor
from tqdm import tqdm
from transformers import (
    HubertConfig,
    HubertModel,
    PreTrainedTokenizerFast,
    Qwen2Config,
    Qwen2ForCausalLM,
    WhisperConfig,
)
from transformers.models.whisper.modeling_whisper import WhisperEncoder

from c2ser_lightning.data.record import UtteranceRecord
from c2ser_lightning.data.shard_index import ShardError, ShardIndex
from c2ser_lightning.text.prompts import PromptSettings

SPECIAL_TOKENS = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]


@dataclass(frozen=True, slots=True)
class Sizes:
    """Sizes of the small models; chosen so that the demo's three trainings fit into minutes on two CPU cores."""

    vocabulary: int = 1200
    lm_width: int = 128
    lm_layers: int = 3
    lm_heads: int = 4
    lm_ffn: int = 384
    whisper_width: int = 128
    whisper_layers: int = 2
    hubert_width: int = 128
    hubert_layers: int = 2
    hubert_convolution_width: int = 64


def training_texts(folder: Path, prompts: PromptSettings) -> list[str]:
    """Return whole training turns of a shard folder's training split, with notes where the speech will be.

    A pretrained language model can look things up in what it was told; a small one has to learn it. The notes are the
    words of the utterance's own description in random order, so answering means finding the right ones among them.
    """
    index = ShardIndex.load(folder, "train")
    records = [index.read_record(position) for position in range(len(index))]
    draw = random.Random(0)
    return [text for record in records for text in _turns(record, prompts, draw)]


def _turns(record: UtteranceRecord, prompts: PromptSettings, draw: random.Random) -> Iterator[str]:
    explicit, implicit = prompts.turn("explicit"), prompts.turn("implicit")
    notes = f"{record.explicit or ''} {record.implicit or ''}".split()
    for turn, answer in ((explicit, record.explicit), (implicit, record.implicit)):
        if answer:
            yield f"{turn.before}{' '.join(draw.sample(notes, len(notes)))}{turn.after}{answer}{turn.end}"


def train_tokenizer(texts: list[str], vocabulary: int) -> PreTrainedTokenizerFast:
    """Train a byte-level BPE tokenizer, the kind Qwen2 uses: every text in every language can be encoded."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=SPECIAL_TOKENS,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=tokenizer, eos_token="<|endoftext|>", pad_token="<|endoftext|>", model_max_length=4096
    )


def warm_up(model: Qwen2ForCausalLM, sequences: list[list[int]], steps: int, batch_size: int = 16) -> float:
    """Train a language model on token sequences with AdamW and a linear decay; return the last steps' mean loss."""
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: min((step + 1) / 20, 1.0) * (1 - step / steps))
    draw = random.Random(0)
    losses: list[float] = []
    for _ in tqdm(range(steps), desc="warming up the language model", unit="step"):
        loss = _next_token_loss(model, draw.sample(sequences, min(batch_size, len(sequences))))
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        schedule.step()
        losses.append(loss.item())
    return sum(losses[-10:]) / len(losses[-10:])


def _next_token_loss(model: Qwen2ForCausalLM, rows: list[list[int]]) -> Tensor:
    width = max(map(len, rows))
    tokens = torch.tensor([row + [0] * (width - len(row)) for row in rows])
    valid = torch.tensor([[True] * len(row) + [False] * (width - len(row)) for row in rows])
    logits = model(input_ids=tokens, attention_mask=valid.long()).logits[:, :-1]
    return F.cross_entropy(logits[valid[:, 1:]], tokens[:, 1:][valid[:, 1:]])


def write_language_model(
    texts: list[str], tokenizer: PreTrainedTokenizerFast, sizes: Sizes, steps: int, out: Path
) -> float:
    """Warm up a small Qwen2 and save it with its tokenizer; return its last training loss in nats."""
    config = Qwen2Config(
        vocab_size=len(tokenizer),
        hidden_size=sizes.lm_width,
        num_hidden_layers=sizes.lm_layers,
        num_attention_heads=sizes.lm_heads,
        num_key_value_heads=sizes.lm_heads // 2,
        intermediate_size=sizes.lm_ffn,
        max_position_embeddings=4096,
        eos_token_id=tokenizer.convert_tokens_to_ids("<|im_end|>"),
        tie_word_embeddings=False,
    )
    model = Qwen2ForCausalLM(config)
    loss = warm_up(model, [tokenizer.encode(text) for text in texts], steps)
    model.save_pretrained(out)
    tokenizer.save_pretrained(out)
    return loss


def write_whisper(sizes: Sizes, out: Path) -> None:
    """Save a small Whisper encoder with random weights."""
    config = WhisperConfig(
        d_model=sizes.whisper_width,
        encoder_layers=sizes.whisper_layers,
        encoder_attention_heads=4,
        encoder_ffn_dim=4 * sizes.whisper_width,
        decoder_layers=1,
        decoder_attention_heads=4,
        decoder_ffn_dim=4 * sizes.whisper_width,
    )
    WhisperEncoder(config).save_pretrained(out)


def write_hubert(sizes: Sizes, out: Path) -> None:
    """Save a small HuBERT of the large model's kind (layer norms everywhere) with random weights."""
    config = HubertConfig(
        hidden_size=sizes.hubert_width,
        num_hidden_layers=sizes.hubert_layers,
        num_attention_heads=4,
        intermediate_size=4 * sizes.hubert_width,
        conv_dim=[sizes.hubert_convolution_width] * 7,
        conv_bias=True,
        feat_extract_norm="layer",
        do_stable_layer_norm=True,
    )
    HubertModel(config).save_pretrained(out)


def main(arguments: list[str] | None = None) -> None:
    """Run the tool."""
    parser = argparse.ArgumentParser(prog="python -m tools.make_tiny_backbones", description=__doc__)
    parser.add_argument("--shards", type=Path, required=True, help="shard folder whose training texts are used")
    parser.add_argument(
        "--out", type=Path, required=True, help="folder to write language_model/, whisper/ and hubert/ into"
    )
    parser.add_argument("--steps", type=int, default=300, help="warm-up steps of the language model (default 300)")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    torch.manual_seed(options.seed)
    sizes = Sizes()
    try:
        texts = training_texts(options.shards, PromptSettings(system=""))
    except ShardError as error:
        sys.exit(f"error: {error}")
    tokenizer = train_tokenizer(texts, sizes.vocabulary)
    loss = write_language_model(texts, tokenizer, sizes, options.steps, options.out / "language_model")
    write_whisper(sizes, options.out / "whisper")
    write_hubert(sizes, options.out / "hubert")
    print(
        f"{len(texts)} training texts, vocabulary {len(tokenizer)}, last warm-up loss {loss:.3f} nats -> {options.out}"
    )


if __name__ == "__main__":
    main()
