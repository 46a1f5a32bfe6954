"""A few utterances of each emotion to listen to, chosen by chance and the same at every inspection."""

import base64
import hashlib
import heapq
from dataclasses import dataclass, field

from c2ser_lightning.data.record import UtteranceRecord
from c2ser_lightning.emotions import EMOTIONS

UNLABELLED = "unlabelled"
LABELS = (*EMOTIONS, UNLABELLED)


@dataclass(frozen=True, slots=True, order=True)
class Example:
    """One utterance and its encoded sound; ordered by a number drawn from its key."""

    draw: int
    record: UtteranceRecord = field(compare=False)
    data: bytes = field(compare=False)

    @property
    def audio(self) -> str:
        """The sound as a data URI."""
        kind = "flac" if self.data.startswith(b"fLaC") else "wav"
        return f"data:audio/{kind};base64,{base64.b64encode(self.data).decode()}"


class Examples:
    """Keeps the ``each`` utterances of every emotion whose keys have the lowest hashes.

    That is a uniform sample in one pass, and it does not depend on how utterances are spread over shards.
    """

    def __init__(self, each: int = 10) -> None:
        """Start empty."""
        self._each = each
        self._kept: dict[str, list[Example]] = {}

    def offer(self, record: UtteranceRecord, data: bytes) -> None:
        """Keep an utterance if its number is low enough so far."""
        digest = hashlib.blake2b(f"{record.corpus}/{record.key}".encode(), digest_size=8).digest()
        # A heap has the least element first: with the sign turned that is the one to give up.
        example = Example(-int.from_bytes(digest, "big"), record, data)
        kept = self._kept.setdefault(record.emotion or UNLABELLED, [])
        if len(kept) < self._each:
            heapq.heappush(kept, example)
        elif self._each:
            heapq.heappushpop(kept, example)

    def chosen(self) -> list[Example]:
        """Return the examples, emotions in their order."""
        return [example for label in LABELS for example in sorted(self._kept.get(label, []), reverse=True)]
