"""Ask a model about changed speech."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Protocol

import torch
from torch import Tensor

from c2ser_lightning.data.batch import Batch, Sample, collate
from c2ser_lightning.models.c2ser import C2SER
from c2ser_lightning.models.speech import Speech
from c2ser_lightning.modules.cot import CoTModule
from c2ser_lightning.report.predictions import Prediction
from c2ser_lightning.text.parsing import parse_emotion
from tools.groundedness.probes import Probe


class Listener(Protocol):
    """Whoever answers about speech."""

    def answer(self, batch: Batch, *, swapped: bool) -> list[str]:
        """Answer each utterance, with the acoustic vectors of its neighbour in the batch if ``swapped``."""
        ...


class ModuleListener:
    """A C2SER of either stage."""

    def __init__(self, module: CoTModule, device: torch.device) -> None:
        """Ask ``module`` on ``device``."""
        self.module = module.to(device).eval()
        self.device = device

    @torch.no_grad()
    def answer(self, batch: Batch, *, swapped: bool) -> list[str]:
        """Generate the answers."""
        if not swapped:
            return self.module.answers(batch.to(self.device))
        with _swapped_acoustics(self.module.c2ser):
            return self.module.answers(batch.to(self.device))


@contextmanager
def _swapped_acoustics(model: C2SER) -> Iterator[None]:
    """Give each utterance the acoustic vectors of the one before it in its batch, for the length of a block."""
    original = model._acoustic

    def rolled(speech: Speech) -> tuple[Tensor, Tensor] | None:
        found = original(speech)
        return None if found is None else (found[0].roll(1, 0), found[1].roll(1, 0))

    model.__dict__["_acoustic"] = rolled
    try:
        yield
    finally:
        del model.__dict__["_acoustic"]


def ask(listener: Listener, batches: Sequence[Batch], probe: Probe | None, emotions: Sequence[str]) -> list[Prediction]:
    """Return the answers to every utterance under a probe, or as recorded without one."""
    rows: list[Prediction] = []
    for batch in batches:
        heard = batch if probe is None or probe.kind == "acoustic" else changed(batch, probe)
        answers = listener.answer(heard, swapped=probe is not None and probe.kind == "acoustic")
        rows += [
            Prediction.of(record, parse_emotion(text, emotions), answer=text)
            for record, text in zip(batch.records, answers, strict=True)
        ]
    return rows


def changed(batch: Batch, probe: Probe) -> Batch:
    """Return a batch whose clips went through a probe one by one, so that padding is changed in none."""
    samples = [
        Sample(record, probe.change(batch.waveforms[row, : batch.lengths[row]].cpu(), row))
        for row, record in enumerate(batch.records)
    ]
    return replace(collate(list(samples)), skips=batch.skips)
