"""Map-style access to indexed shards: a position becomes a Sample, or a Skip that says why not."""

from collections.abc import Sequence

import torch
from torch.utils.data import Dataset

from c2ser_lightning.data.audio import AudioError, decode_audio
from c2ser_lightning.data.batch import Sample
from c2ser_lightning.data.ledger import Skip
from c2ser_lightning.data.record import RecordError
from c2ser_lightning.data.shard_index import ShardError, ShardIndex


class ShardDataset(Dataset[Sample | Skip]):
    """Decodes utterances of several shard folders, one after the other."""

    def __init__(self, indexes: Sequence[ShardIndex]) -> None:
        """Concatenate the indexes; positions run through them in order."""
        self._places = [(index, position) for index in indexes for position in range(len(index))]

    def __len__(self) -> int:
        """Return the number of utterances."""
        return len(self._places)

    def __getitem__(self, position: int) -> Sample | Skip:
        """Decode one utterance; an unusable one is returned as a Skip so that its batch goes on without it."""
        index, local = self._places[position]
        key = index.entries[local][1].key
        try:
            return Sample(index.read_record(local), torch.from_numpy(decode_audio(index.read_audio(local))))
        except AudioError as error:
            return Skip(key, error.reason, str(error), index.source(local))
        except (RecordError, ShardError, OSError) as error:
            return Skip(key, "unreadable_member", str(error), index.source(local))
