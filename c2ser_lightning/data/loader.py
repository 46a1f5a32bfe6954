"""A loader whose position comes from the trainer's own progress, so that resuming needs no state of its own."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from torch.utils.data import DataLoader

from c2ser_lightning.data.batch import Batch, collate
from c2ser_lightning.data.bucketing import BatchPlan
from c2ser_lightning.data.dataset import ShardDataset
from c2ser_lightning.data.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Position:
    """Where an epoch starts: its number and how many of its batches are already done."""

    epoch: int = 0
    batches_done: int = 0


class EpochLoader:
    """Iterates over the planned batches of the current epoch, from the current position on.

    Lightning calls ``iter`` before it has restored a checkpoint's progress. This iterator asks for its position only
    when the first batch is drawn, when progress is known; a run that is resumed in mid-epoch therefore goes on with the
    very next batch, whatever the number of workers.
    """

    def __init__(
        self,
        dataset: ShardDataset,
        plan: BatchPlan,
        *,
        ledger: Ledger,
        workers: int,
        pin_memory: bool,
        position: Callable[[], Position] = Position,
    ) -> None:
        """Keep what an epoch needs; ``position`` is asked at the start of every epoch."""
        self._dataset, self._plan, self._ledger = dataset, plan, ledger
        self._workers, self._pin_memory, self._position = workers, pin_memory, position

    def __len__(self) -> int:
        """Return the number of batches of a whole epoch on this rank."""
        return len(self._plan)

    def __iter__(self) -> Iterator[Batch]:
        """Yield batches; skipped utterances are noted in the ledger as they are met."""
        position = self._position()
        batches = self._plan.batches(position.epoch)[position.batches_done :]
        loader = DataLoader(
            self._dataset.in_epoch(position.epoch),
            batch_sampler=batches,
            collate_fn=collate,
            num_workers=self._workers,
            pin_memory=self._pin_memory,
        )
        for batch in loader:
            self._ledger.extend(batch.skips)
            yield batch
