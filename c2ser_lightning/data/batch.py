"""The batch that every LightningModule receives."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Self

import torch
from torch import Tensor

from c2ser_lightning.data.audio import SAMPLE_RATE
from c2ser_lightning.data.ledger import Skip
from c2ser_lightning.data.record import UtteranceRecord
from c2ser_lightning.emotions import EMOTION_INDEX

UNLABELLED = -1
"""Class id of an utterance without an emotion label."""


@dataclass(slots=True)
class Sample:
    """One decoded utterance.

    Attributes:
        record: Its texts and levels.
        waveform: ``[S]`` float32 at 16 kHz.
        speed: The speed it was given.
        vectors: What Emotion2Vec-S says of it ``[E, D]``, where that was read from the shard.
    """

    record: UtteranceRecord
    waveform: Tensor
    speed: float = 1.0
    vectors: Tensor | None = None


@dataclass(slots=True)
class Batch:
    """Utterances padded on the right to the longest.

    Attributes:
        waveforms: ``[B, S]`` float32 at 16 kHz, zero where padded. Not normalised: each model applies its own.
        padding_mask: ``[B, S]`` bool, True where padded.
        emotions: ``[B]`` int64 class ids, :data:`UNLABELLED` where there is no label.
        lengths: The B sample counts, on the host, so that shapes can be planned without a device synchronisation.
        records: The B records (texts, speaker, levels), on the host.
        speeds: The B speeds against the recordings; 1 without speed perturbation.
        skips: Utterances that were drawn for this batch and could not be used.
        vectors: Their Emotion2Vec-S vectors ``[B, E, D]`` where all were read from shards.
    """

    waveforms: Tensor
    padding_mask: Tensor
    emotions: Tensor
    lengths: list[int]
    records: list[UtteranceRecord]
    speeds: list[float]
    skips: list[Skip]
    vectors: Tensor | None = None

    @property
    def size(self) -> int:
        """Number of utterances; zero when every drawn utterance was skipped."""
        return len(self.records)

    @property
    def keys(self) -> list[str]:
        """Names of what is heard, unique over corpora and speeds."""
        names = (f"{record.corpus}/{record.key}" for record in self.records)
        return [name if speed == 1.0 else f"{name}@{speed:g}" for name, speed in zip(names, self.speeds, strict=True)]

    @property
    def padding_share(self) -> float:
        """Share of ``waveforms`` that is padding, between 0 and 1."""
        total = self.waveforms.numel()
        return 1.0 - sum(self.lengths) / total if total else 0.0

    def to(self, device: torch.device | str, *, non_blocking: bool = False) -> Self:
        """Move the tensors; Lightning calls this instead of walking through the records."""
        return self._with(lambda tensor: tensor.to(device, non_blocking=non_blocking))

    def pin_memory(self) -> Self:
        """Pin the tensors, for the DataLoader."""
        return self._with(Tensor.pin_memory)

    def _with(self, change: Callable[[Tensor], Tensor]) -> Self:
        """Return the batch with every tensor changed."""
        return replace(
            self,
            waveforms=change(self.waveforms),
            padding_mask=change(self.padding_mask),
            emotions=change(self.emotions),
            vectors=None if self.vectors is None else change(self.vectors),
        )


def collate(items: list[Sample | Skip]) -> Batch:
    """Pad samples into a :class:`Batch`; skips are carried along for the ledger, never dropped."""
    samples = [item for item in items if isinstance(item, Sample)]
    lengths = [len(sample.waveform) for sample in samples]
    waveforms = torch.zeros(len(samples), max(lengths, default=0))
    for row, sample in zip(waveforms, samples, strict=True):
        row[: len(sample.waveform)] = sample.waveform
    positions = torch.arange(waveforms.shape[1])
    return Batch(
        waveforms=waveforms,
        padding_mask=positions >= torch.tensor(lengths, dtype=torch.long).unsqueeze(1),
        emotions=torch.tensor([_class_id(sample.record) for sample in samples], dtype=torch.long),
        lengths=lengths,
        records=[sample.record for sample in samples],
        speeds=[sample.speed for sample in samples],
        skips=[item for item in items if isinstance(item, Skip)],
        vectors=_stacked([sample.vectors for sample in samples]),
    )


def _stacked(vectors: list[Tensor | None]) -> Tensor | None:
    """Return ``[B, E, D]``, or nothing where an utterance has none."""
    there = [one for one in vectors if one is not None]
    return torch.stack(there) if there and len(there) == len(vectors) else None


def _class_id(record: UtteranceRecord) -> int:
    return UNLABELLED if record.emotion is None else EMOTION_INDEX[record.emotion]


def silence(seconds: float = 0.5) -> Batch:
    """Return a batch of one silent utterance, for a process that has none and must compute along with the others."""
    record = UtteranceRecord("silence", "none", "", "en", "", None, "", seconds, explicit=".", implicit=".")
    return collate([Sample(record, torch.zeros(round(seconds * SAMPLE_RATE)))])
