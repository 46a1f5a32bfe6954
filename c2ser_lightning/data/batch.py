"""The batch that every LightningModule receives."""

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
    """One decoded utterance: its record, its waveform ``[S]``, float32 at 16 kHz, and the speed it was given."""

    record: UtteranceRecord
    waveform: Tensor
    speed: float = 1.0


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
    """

    waveforms: Tensor
    padding_mask: Tensor
    emotions: Tensor
    lengths: list[int]
    records: list[UtteranceRecord]
    speeds: list[float]
    skips: list[Skip]

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
        waveforms, padding_mask, emotions = (
            tensor.to(device, non_blocking=non_blocking)
            for tensor in (self.waveforms, self.padding_mask, self.emotions)
        )
        return replace(self, waveforms=waveforms, padding_mask=padding_mask, emotions=emotions)

    def pin_memory(self) -> Self:
        """Pin the tensors, for the DataLoader."""
        waveforms, padding_mask, emotions = (
            tensor.pin_memory() for tensor in (self.waveforms, self.padding_mask, self.emotions)
        )
        return replace(self, waveforms=waveforms, padding_mask=padding_mask, emotions=emotions)


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
    )


def _class_id(record: UtteranceRecord) -> int:
    return UNLABELLED if record.emotion is None else EMOTION_INDEX[record.emotion]


def silence(seconds: float = 0.5) -> Batch:
    """Return a batch of one silent utterance, for a process that has none and must compute along with the others."""
    record = UtteranceRecord("silence", "none", "", "en", "", None, "", seconds, explicit=".", implicit=".")
    return collate([Sample(record, torch.zeros(round(seconds * SAMPLE_RATE)))])
