"""Training batches by positions in the language model: little padding in every kind of answer, a budget that is kept.

Utterances are first divided by duration into strata, then each stratum is ordered by sequence length. Durations of a
batch are then alike, and so are its lengths with a long answer and with a short one. More strata help the short answers
and the encoders, fewer help the long ones; how many are best is found by counting padding. As in :mod:`.bucketing` the
batch sizes are fixed once, the same on every rank and in every epoch.
"""

import math
from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from c2ser_lightning.data.bucketing import BatchConfig, share_out
from c2ser_lightning.data.record import UtteranceRecord

Positions = NDArray[np.int64]

TOKENS_PER_SECOND = 2.0
"""What a second of audio costs the encoders, in positions of the language model: 47 GFLOP of Whisper-medium and
Emotion2Vec-S against 26 GFLOP of Qwen2-7B with LoRA."""

LEAST_BATCHES = 6
"""Batches of a stratum below which strata are not divided further, since each ends in a smaller batch."""


@runtime_checkable
class MeasuresSequences(Protocol):
    """A LightningModule that can say how long its sequences are."""

    def sequence_tokens(self, records: Sequence[UtteranceRecord]) -> Positions:
        """Return ``[N, K]``: positions in the language model of N utterances with each of K kinds of answer."""


class TokenPlan:
    """Plans the training batches of every epoch on one rank."""

    def __init__(
        self,
        durations: Sequence[float],
        tokens: Positions,
        config: BatchConfig,
        *,
        seed: int = 0,
        rank: int = 0,
        world_size: int = 1,
    ) -> None:
        """Plan for one rank.

        Args:
            durations: Seconds of each utterance.
            tokens: ``[N, K]`` sequence lengths with each kind of answer it may be trained on.
            config: Budgets; ``max_tokens`` holds for the longest kind. Each epoch a length is multiplied by a random
                factor in [1, 1 + ``shuffle_spread``] before sorting.
            seed: Seed of all epochs' orders.
            rank: This process.
            world_size: Number of processes.

        Raises:
            ValueError: There is no budget of tokens.
        """
        if config.max_tokens is None:
            raise ValueError("a TokenPlan needs batch.max_tokens")
        self._config, self._max_tokens = config, config.max_tokens
        self._seconds, self._tokens = np.asarray(durations, dtype=np.float64), tokens
        self._longest: NDArray[np.float64] = tokens.max(1).astype(np.float64)
        self._seed, self._rank, self._world_size = seed, rank, world_size
        self._strata = self._best_strata()
        self._sizes = [self._cut(stratum) for stratum in self._strata]

    def __len__(self) -> int:
        """Return the number of batches of an epoch on this rank."""
        return math.ceil(sum(map(len, self._sizes)) / self._world_size)

    def batches(self, epoch: int) -> list[list[int]]:
        """Return this rank's batches of utterance positions for an epoch."""
        generator = np.random.default_rng((self._seed, epoch))
        jitter = 1.0 + self._config.shuffle_spread * generator.random(len(self._seconds))
        made = [
            batch.tolist()
            for stratum, sizes in zip(self._strata, self._sizes, strict=True)
            for batch in _split(stratum, self._longest * jitter, sizes)
        ]
        return share_out(made, generator, self._rank, self._world_size)

    def _best_strata(self) -> list[Positions]:
        """Return the division by duration that pads least, among powers of two."""
        order = np.argsort(-self._seconds, kind="stable")
        divisions: list[list[Positions]] = [[order]]
        while len(self._cut(divisions[-1][-1])) >= 2 * LEAST_BATCHES:
            divisions.append(np.array_split(order, 2 * len(divisions[-1])))
        return min(divisions, key=self._cost)

    def _cost(self, strata: list[Positions]) -> float:
        """Count padded positions, averaged over the kinds of answers, and what padded audio costs the encoders."""
        batches = [part for one in strata for part in _split(one, self._longest, self._cut(one))]
        positions = sum(float(len(part) * self._tokens[part].max(0).mean()) for part in batches)
        return positions + TOKENS_PER_SECOND * sum(float(len(part) * self._seconds[part].max()) for part in batches)

    def _cut(self, stratum: Positions) -> list[int]:
        """Cut a stratum into batch sizes that keep every budget, whatever the epoch's jitter is."""
        spread = 1.0 + self._config.shuffle_spread
        lengths = np.sort(self._longest[stratum])[::-1] * spread
        most = self._config.max_utterances
        most = min(most, max(1, int(self._config.max_seconds // self._seconds[stratum].max())))
        sizes: list[int] = []
        start = 0
        while start < len(lengths):
            sizes.append(max(1, min(most, int(self._max_tokens // lengths[start]), len(lengths) - start)))
            start += sizes[-1]
        return sizes


def _split(stratum: Positions, lengths: NDArray[np.float64], sizes: list[int]) -> list[Positions]:
    """Order a stratum by length, longest first, and split it into parts of the given sizes."""
    ordered = stratum[np.argsort(-lengths[stratum], kind="stable")]
    return np.split(ordered, np.cumsum(sizes)[:-1])
