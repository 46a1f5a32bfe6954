"""Training batches whose labelled utterances come in groups of one class, mixed with unlabelled ones at a set ratio.

A contrastive loss needs partners: in batches drawn by length alone a rare emotion often stands alone. Here every batch
is filled with whole groups of a class, of similar length, so nobody does. As in :mod:`.bucketing` the batch sizes are
fixed once, the same on every rank and in every epoch.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from c2ser_lightning.data.bucketing import BatchConfig, share_out

Positions = NDArray[np.int64]
Seconds = NDArray[np.float64]


@dataclass
class ClassBatchConfig:
    """How training batches are filled by class.

    Attributes:
        per_class: Utterances of a group; each labelled batch holds at least so many of every class it holds. An epoch
            leaves out what does not fill a group, other utterances every time; a class with fewer repeats them.
        balance: How often classes are drawn: 1 as often as the corpus has them, 0 all equally often.
        unlabelled_share: Share of unlabelled utterances among those of a batch; ``None`` takes the corpus' own. What
            does not fit beside a group makes batches of its own.
    """

    per_class: int = 2
    balance: float = 1.0
    unlabelled_share: float | None = None

    def __post_init__(self) -> None:
        """Refuse values out of range."""
        if self.per_class < 1:
            raise ValueError(f"by_class.per_class must be at least 1, not {self.per_class}")
        if not 0.0 <= self.balance <= 1.0:
            raise ValueError(f"by_class.balance must lie between 0 and 1, not {self.balance}")
        if self.unlabelled_share is not None and not 0.0 <= self.unlabelled_share < 1.0:
            raise ValueError(f"by_class.unlabelled_share must lie in [0, 1), not {self.unlabelled_share}")


@dataclass(frozen=True, slots=True)
class _Pass:
    """One run through a class: its utterances, longest first, cut into as many strata as are drawn.

    Each draw takes one utterance of every stratum, in turn; so every utterance is drawn equally often, and the n-th
    longest drawn is never longer than the longest of the n-th stratum.
    """

    members: Positions
    low: Positions
    size: Positions
    number: int
    passes: int

    @classmethod
    def of(cls, members: Positions, wanted: int, number: int, passes: int) -> "_Pass":
        edges = np.arange(wanted + 1) * len(members) // wanted
        return cls(members, edges[:-1], np.maximum(1, np.diff(edges)), number, passes)

    def longest(self) -> Positions:
        return self.members[self.low]

    def draw(self, epoch: int) -> Positions:
        drawn: Positions = self.members[self.low + (epoch * self.passes + self.number) % self.size]
        return drawn


class ClassPlan:
    """Plans the batches of every epoch on one rank; see :class:`ClassBatchConfig`."""

    def __init__(
        self,
        durations: Sequence[float],
        classes: Sequence[str | None],
        config: BatchConfig,
        by_class: ClassBatchConfig,
        *,
        seed: int = 0,
        rank: int = 0,
        world_size: int = 1,
    ) -> None:
        """Plan for one rank.

        Args:
            durations: Seconds of each utterance.
            classes: Emotion of each utterance, ``None`` where there is no label.
            config: Budgets and the spread of lengths.
            by_class: How batches are filled.
            seed: Seed of all epochs' orders.
            rank: This process.
            world_size: Number of processes.

        Raises:
            ValueError: Nothing is labelled, unlabelled utterances are wanted and there are none, or the budget does not
                hold a group of the longest utterances.
        """
        self._durations = np.asarray(durations, dtype=np.float64)
        self._seed, self._rank, self._world_size = seed, rank, world_size
        self._spread, self._group = config.shuffle_spread, by_class.per_class
        labels = np.asarray([label or "" for label in classes])
        self._labelled = self._passes_by_class(labels, by_class)
        groups = sum(len(one.low) for one in self._labelled) // self._group
        self._unlabelled, self._ratio = self._unlabelled_passes(labels, by_class, groups * self._group)
        self._sizes = self._cut(config)

    def __len__(self) -> int:
        """Return the number of batches of an epoch on this rank."""
        return math.ceil(len(self._sizes) / self._world_size)

    def batches(self, epoch: int) -> list[list[int]]:
        """Return this rank's batches of utterance positions for an epoch."""
        generator = np.random.default_rng((self._seed, epoch))
        jittered = self._durations * (1.0 + self._spread * generator.random(len(self._durations)))
        groups = self._sorted_groups([one.draw(epoch) for one in self._labelled], jittered, self._group)
        others = self._sorted_groups([one.draw(epoch) for one in self._unlabelled], jittered, 1)
        made, i, j = [], 0, 0
        for labelled, unlabelled in self._sizes:
            made.append([*groups[i : i + labelled].ravel().tolist(), *others[j : j + unlabelled].ravel().tolist()])
            i, j = i + labelled, j + unlabelled
        return share_out(made, generator, self._rank, self._world_size)

    def _passes_by_class(self, labels: NDArray[np.str_], by_class: ClassBatchConfig) -> list[_Pass]:
        found = sorted(set(labels.tolist()) - {""})
        if not found:
            raise ValueError("batches by class need labelled utterances, and this split has none; leave out by_class")
        counts = np.array([(labels == label).sum() for label in found])
        weight = counts**by_class.balance
        total = np.maximum(1, counts // self._group).sum()
        wanted = np.maximum(1, np.rint(total * weight / weight.sum())).astype(int)
        if by_class.balance == 1.0:
            wanted = np.maximum(1, counts // self._group)
        members = [self._longest_first(labels == label) for label in found]
        return [one for own, groups in zip(members, wanted, strict=True) for one in _passes(own, groups, self._group)]

    def _unlabelled_passes(
        self, labels: NDArray[np.str_], by_class: ClassBatchConfig, labelled: int
    ) -> tuple[list[_Pass], float]:
        """Return the passes over unlabelled utterances and how many come with each labelled one."""
        members = self._longest_first(labels == "")
        share = by_class.unlabelled_share
        wanted = len(members) if share is None else round(labelled * share / (1.0 - share))
        if wanted and not len(members):
            raise ValueError("by_class.unlabelled_share wants unlabelled utterances, and this split has none")
        return (_passes(members, wanted, 1) if wanted else []), wanted / labelled

    def _longest_first(self, chosen: NDArray[np.bool_]) -> Positions:
        positions = np.flatnonzero(chosen)
        ordered: Positions = positions[np.argsort(-self._durations[positions], kind="stable")]
        return ordered

    @staticmethod
    def _sorted_groups(drawn: list[Positions], seconds: Seconds, size: int) -> NDArray[np.int64]:
        """Group each pass by length and return all groups ``[G, size]``, longest first."""
        groups = [own[np.argsort(-seconds[own], kind="stable")].reshape(-1, size) for own in drawn]
        joined = np.concatenate(groups) if groups else np.zeros((0, size), dtype=np.int64)
        return joined[np.argsort(-seconds[joined[:, 0]], kind="stable")]

    def _cut(self, config: BatchConfig) -> list[tuple[int, int]]:
        """Fix for every batch how many groups and unlabelled utterances it holds, from the longest there can be."""
        most = self._durations * (1.0 + self._spread)
        groups = most[self._sorted_groups([one.longest() for one in self._labelled], most, self._group)[:, 0]]
        others = most[self._sorted_groups([one.longest() for one in self._unlabelled], most, 1)[:, 0]]
        sizes, i, j = [], 0, 0
        while i < len(groups):
            longest = max(groups[i], others[j] if j < len(others) else 0.0)
            room = self._room(longest, config)
            labelled = min(max(1, int(room / (1.0 + self._ratio)) // self._group), len(groups) - i)
            due = round((i + labelled) * self._group * self._ratio) - j
            unlabelled = min(max(0, min(due, room - labelled * self._group)), len(others) - j)
            sizes.append((labelled, unlabelled))
            i, j = i + labelled, j + unlabelled
        while j < len(others):
            unlabelled = min(self._room(others[j], config), len(others) - j)
            sizes.append((0, unlabelled))
            j += unlabelled
        return sizes

    def _room(self, longest: float, config: BatchConfig) -> int:
        room = min(config.max_utterances, int(config.max_seconds // longest))
        if room < self._group:
            raise ValueError(
                f"a batch of {config.max_seconds} s and {config.max_utterances} utterances does not hold "
                f"{self._group} of {longest:.1f} s (shuffle_spread included); raise the budget, or lower "
                "by_class.per_class or filters.max_seconds"
            )
        return room


def _passes(members: Positions, groups: int, size: int) -> list[_Pass]:
    """Draw so many groups: whole passes over the class, then part of one, so that no group meets itself twice."""
    whole = max(1, len(members) // size)
    count = -(-groups // whole)
    left = [min(whole, groups - number * whole) for number in range(count)]
    return [_Pass.of(members, size * own, number, count) for number, own in enumerate(left)]
