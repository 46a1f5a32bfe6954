"""Map-style access to indexed shards: a position becomes a Sample, or a Skip that says why not."""

import copy
from collections.abc import Sequence
from typing import Self

import torch
from torch.utils.data import Dataset

from c2ser_lightning.data.audio import AudioError, decode_audio
from c2ser_lightning.data.batch import Sample
from c2ser_lightning.data.ledger import Skip
from c2ser_lightning.data.perturbation import SpeedPerturbation
from c2ser_lightning.data.record import RecordError
from c2ser_lightning.data.shard_index import ShardError, ShardIndex


class ShardDataset(Dataset[Sample | Skip]):
    """Decodes utterances of several shard folders, one after the other."""

    def __init__(
        self, indexes: Sequence[ShardIndex], speeds: SpeedPerturbation | None = None, *, vectors: bool = False
    ) -> None:
        """Concatenate the indexes; positions run through them in order.

        Args:
            indexes: The utterances.
            speeds: Change the speed of each utterance from epoch to epoch; as recorded without it.
            vectors: Read the Emotion2Vec-S vectors that stand beside the sound.
        """
        self._places = [(index, position) for index in indexes for position in range(len(index))]
        self._speeds, self._epoch, self._vectors = speeds, 0, vectors

    def in_epoch(self, epoch: int) -> Self:
        """Return the same utterances as they are in an epoch."""
        other = copy.copy(self)
        other._epoch = epoch
        return other

    def __len__(self) -> int:
        """Return the number of utterances."""
        return len(self._places)

    def __getitem__(self, position: int) -> Sample | Skip:
        """Decode one utterance; an unusable one is returned as a Skip so that its batch goes on without it."""
        index, local = self._places[position]
        key = index.entries[local][1].key
        try:
            return self._sample(index, local, position)
        except AudioError as error:
            return Skip(key, error.reason, str(error), index.source(local))
        except (RecordError, ShardError, OSError) as error:
            return Skip(key, "unreadable_member", str(error), index.source(local))

    def _sample(self, index: ShardIndex, local: int, position: int) -> Sample:
        record, waveform = index.read_record(local), decode_audio(index.read_audio(local))
        if self._speeds is None:
            vectors = torch.from_numpy(index.read_vectors(local)) if self._vectors else None
            return Sample(record, torch.from_numpy(waveform), vectors=vectors)
        speed = self._speeds.factor(self._epoch, position)
        return Sample(record, torch.from_numpy(self._speeds.apply(waveform, speed)), speed)
