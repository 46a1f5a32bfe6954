"""Count padding in training batches of a corpus: at random, by duration, by tokens.

python -m benchmarks.padding --shards shards/demo --tokenizer backbones/demo/language_model
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from transformers import AutoTokenizer

from c2ser_lightning.data.audio import SAMPLE_RATE
from c2ser_lightning.data.bucketing import BatchConfig, BucketPlan
from c2ser_lightning.data.record import UtteranceRecord
from c2ser_lightning.data.shard_index import ShardIndex
from c2ser_lightning.data.token_batches import TokenPlan
from c2ser_lightning.models.connector import CausalDownsampler
from c2ser_lightning.models.whisper import WhisperPerception
from c2ser_lightning.text.prompts import Mode, PromptSettings

MODES: tuple[Mode, ...] = ("explicit", "implicit")
MARKS_AND_VECTORS = 12
"""Begin and end mark of the speech, and ten acoustic vectors."""


def sequence_tokens(records: Sequence[UtteranceRecord], tokenizer: Path) -> NDArray[np.int64]:
    """Return ``[N, 2]``: positions in the language model with the explicit and with the implicit answer."""
    encoder, prompts = AutoTokenizer.from_pretrained(tokenizer), PromptSettings(system="")

    def tokens(record: UtteranceRecord, mode: Mode) -> int:
        turn, answer = prompts.turn(mode), (record.explicit if mode == "explicit" else record.implicit) or ""
        frames = WhisperPerception.output_length(round(record.duration * SAMPLE_RATE))
        text = turn.before + turn.after + answer + turn.end
        spoken = MARKS_AND_VECTORS + CausalDownsampler.output_length(frames)
        return spoken + len(encoder.encode(text, add_special_tokens=False))

    return np.array([[tokens(record, mode) for mode in MODES] for record in records])


def padding(batches: list[list[int]], lengths: NDArray[np.float64]) -> float:
    """Return the share of padding when every batch is as long as its longest."""
    return 1.0 - float(lengths.sum() / sum(len(batch) * lengths[batch].max() for batch in batches))


def main(arguments: list[str] | None = None) -> None:
    """Count and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.padding", description=__doc__)
    parser.add_argument("--shards", type=Path, required=True)
    parser.add_argument("--tokenizer", type=Path, required=True, help="folder of the language model's tokenizer")
    parser.add_argument("--max-tokens", type=int, default=800)
    options = parser.parse_args(arguments)
    index = ShardIndex.load(options.shards, "train")
    records = [index.peek(position) for position in range(len(index))]
    seconds = np.array([record.duration for record in records])
    tokens = sequence_tokens(records, options.tokenizer)
    by_tokens = BatchConfig(1e9, len(records), 0.02, options.max_tokens)
    explicit = TokenPlan(seconds.tolist(), tokens[:, :1], by_tokens).batches(1)
    size = max(1, round(len(records) / len(explicit)))
    shuffled = np.random.default_rng(0).permutation(len(records))
    plans = {
        "at random": [part.tolist() for part in np.array_split(shuffled, len(explicit))],
        "by duration": BucketPlan(seconds.tolist(), BatchConfig(1e9, size, 0.02), shuffle=True).batches(1),
        "by tokens, stage 1": explicit,
        "by tokens, stage 2": TokenPlan(seconds.tolist(), tokens, by_tokens).batches(1),
    }
    print(f"{len(records)} utterances, mean length {tokens[:, 0].mean():.0f} and {tokens[:, 1].mean():.0f} tokens")
    print(f"{'batches':<22}{'number':>8}{'explicit':>10}{'implicit':>10}{'audio':>8}")
    for name, plan in plans.items():
        shares = [padding(plan, lengths.astype(float)) for lengths in (tokens[:, 0], tokens[:, 1], seconds)]
        print(f"{name:<22}{len(plan):>8}{shares[0]:>10.3f}{shares[1]:>10.3f}{shares[2]:>8.3f}")


if __name__ == "__main__":
    main()
