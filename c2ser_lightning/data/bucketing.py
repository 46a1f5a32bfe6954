"""Batches of similar length, planned ahead: the same plan on every rank, a fixed number of batches, exact resume."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np


@dataclass
class BatchConfig:
    """How utterances are grouped.

    Attributes:
        max_seconds: Upper bound of padded audio in a batch, in seconds (longest utterance times batch size).
        max_utterances: Upper bound of utterances in a batch.
        shuffle_spread: Training only. Each epoch an utterance's length is multiplied by a random factor in
            [1, 1 + spread] before sorting: 0 groups the same neighbours every epoch, larger values mix and pad more.
        max_tokens: Training of C2SER only. Upper bound of positions in the language model of a batch, padding included
            (longest sequence times batch size); batches are then planned by sequence length (:mod:`.token_batches`),
            where a ``shuffle_spread`` of 0.02 mixes enough. ``None`` plans by duration.
    """

    max_seconds: float = 120.0
    max_utterances: int = 32
    shuffle_spread: float = 0.15
    max_tokens: int | None = None


class BatchPlan(Protocol):
    """The batches of every epoch on one rank, known ahead."""

    def __len__(self) -> int:
        """Return the number of batches of an epoch, the same for all epochs."""

    def batches(self, epoch: int) -> list[list[int]]:
        """Return the batches of an epoch as utterance positions; the same for the same epoch."""


class BucketPlan:
    """Plans the batches of every epoch.

    The batch sizes are fixed once, from the sorted lengths; an epoch only decides which utterance takes which place and
    in which order batches come. The number of batches is therefore the same in every epoch, as Lightning assumes.
    """

    def __init__(
        self,
        durations: Sequence[float],
        config: BatchConfig,
        *,
        shuffle: bool,
        seed: int = 0,
        rank: int = 0,
        world_size: int = 1,
    ) -> None:
        """Plan for one rank.

        Args:
            durations: Seconds of each utterance.
            config: Budgets.
            shuffle: Training: random order, every rank the same number of batches (the first batches of the epoch are
                repeated to fill up). Without it: longest first and nothing is repeated; a rank that is one batch short
                gets an empty one, since ranks that share weights or add up scores must go the same number of steps.
                Batches are kept small enough that few ranks of a small split stay idle.
            seed: Seed of all epochs' orders.
            rank: This process.
            world_size: Number of processes.
        """
        self._durations = np.asarray(durations, dtype=np.float64)
        self._shuffle, self._seed, self._rank, self._world_size = shuffle, seed, rank, world_size
        self._spread = config.shuffle_spread if shuffle else 0.0
        longest_first = np.sort(self._durations)[::-1] * (1.0 + self._spread)
        most = config.max_utterances if shuffle else min(config.max_utterances, max(1, len(durations) // world_size))
        self._sizes = _cut(longest_first.tolist(), replace(config, max_utterances=most))

    def __len__(self) -> int:
        """Return the number of batches of an epoch on this rank."""
        return math.ceil(len(self._sizes) / self._world_size)

    def batches(self, epoch: int) -> list[list[int]]:
        """Return this rank's batches of utterance positions for an epoch."""
        generator = np.random.default_rng((self._seed, epoch))
        jitter = 1.0 + self._spread * generator.random(len(self._durations))
        order = np.argsort(-self._durations * jitter, kind="stable")
        batches = [part.tolist() for part in np.split(order, np.cumsum(self._sizes)[:-1])]
        if not self._shuffle:
            short = -len(batches) % self._world_size
            return [*batches, *[[]] * short][self._rank :: self._world_size]
        return share_out(batches, generator, self._rank, self._world_size)


def share_out(batches: list[list[int]], generator: np.random.Generator, rank: int, world_size: int) -> list[list[int]]:
    """Shuffle training batches and return a rank's; the first are repeated until all ranks have as many."""
    batches = [batches[position] for position in generator.permutation(len(batches))]
    short = -len(batches) % world_size
    batches += (batches * short)[:short]
    return batches[rank::world_size]


def _cut(longest_first: list[float], config: BatchConfig) -> list[int]:
    """Cut lengths, longest first, into batch sizes that keep both budgets; a longer clip than the budget goes alone."""
    sizes: list[int] = []
    start = 0
    while start < len(longest_first):
        room = int(config.max_seconds // longest_first[start]) if longest_first[start] > 0 else config.max_utterances
        size = max(1, min(config.max_utterances, room, len(longest_first) - start))
        sizes.append(size)
        start += size
    return sizes
