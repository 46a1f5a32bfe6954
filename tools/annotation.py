"""From manifest rows to measured records, over all cores, with everything unusable named in the ledger."""

import multiprocessing
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, TypeVar

import torch
from tqdm import tqdm

from c2ser_lightning.data.audio import SAMPLE_RATE, AudioError, Waveform
from c2ser_lightning.data.ledger import Ledger, Skip
from c2ser_lightning.data.record import UtteranceRecord
from c2ser_lightning.emotions import harmonise, harmonise_votes
from tools.attributes.measure import measure_without_pitch, with_pitch
from tools.attributes.pitch import PitchSettings
from tools.corpora.base import ManifestRow
from tools.corpora.recording import load_recording

_T = TypeVar("_T")
_R = TypeVar("_R")

FEWEST_ROWS_FOR_WORKERS = 64
"""Below this the start of further processes costs more than it saves."""

CLIPS_PER_CHUNK = 16
"""Rows that one process takes at a time: enough to fill batches of frames, few enough to keep many processes busy."""


@dataclass(frozen=True, slots=True)
class AnnotationSettings:
    """How utterances are measured and which are kept.

    Attributes:
        min_seconds: Shorter clips are left out.
        max_seconds: Longer clips are left out (paper IV-A: 20 s).
        pitch: Pitch tracker and its settings.
    """

    min_seconds: float = 0.2
    max_seconds: float = 20.0
    pitch: PitchSettings = field(default_factory=PitchSettings)


def usable_rows(rows: Iterable[ManifestRow | Skip], ledger: Ledger) -> list[ManifestRow]:
    """Keep rows whose label is known and whose key is new; name the others in the ledger."""
    kept: dict[str, ManifestRow] = {}
    for row in rows:
        objection = row if isinstance(row, Skip) else _objection(row, kept)
        if objection is not None:
            ledger.add(objection)
        elif isinstance(row, ManifestRow):
            kept[row.key] = row
    return list(kept.values())


def _objection(row: ManifestRow, kept: dict[str, ManifestRow]) -> Skip | None:
    if row.key in kept:
        return Skip(row.key, "duplicate_key", f"already used by {kept[row.key].source}", row.source)
    try:
        known = not row.label or harmonise(row.label, row.corpus) is not None
    except ValueError as error:
        return Skip(row.key, "unknown_label", str(error), row.source)
    if known:
        return None
    detail = f"no home among the seven emotions ({row.corpus} {row.label.strip()})"
    return Skip(row.key, "label_left_out", detail, row.source)


def annotate(
    rows: Sequence[ManifestRow], settings: AnnotationSettings, ledger: Ledger, workers: int = 1
) -> list[UtteranceRecord]:
    """Measure every row, in order, with a progress bar; unusable audio goes into the ledger.

    Args:
        rows: What to measure.
        settings: How.
        ledger: Receives what cannot be used.
        workers: Processes; 1 measures in this one. The result does not depend on it.
    """
    records = []
    bar = tqdm(_measured(rows, settings, workers), total=len(rows), desc="measuring pitch, loudness, rate", unit="utt")
    for outcome in bar:
        if isinstance(outcome, Skip):
            ledger.add(outcome)
            bar.set_postfix(left_out=len(ledger))
        else:
            records.append(outcome)
    return records


def _measured(
    rows: Sequence[ManifestRow], settings: AnnotationSettings, workers: int
) -> Iterator[UtteranceRecord | Skip]:
    """Yield every row's outcome in order; rows travel in chunks, whose frames share the pitch tracker's batches."""
    chunks = [rows[start : start + CLIPS_PER_CHUNK] for start in range(0, len(rows), CLIPS_PER_CHUNK)]
    if workers <= 1 or len(rows) < FEWEST_ROWS_FOR_WORKERS:
        with _one_thread():
            for chunk in chunks:
                yield from measure_rows(chunk, settings)
        return
    # A GPU belongs to one process: the others decode, and this one measures pitch.
    split = on_gpu(settings)
    work: Callable[[Sequence[ManifestRow]], list[Any]] = partial(
        prepare_rows if split else measure_rows, settings=settings
    )
    # Spawned, not forked: torch's threads do not survive a fork.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context, initializer=torch.set_num_threads, initargs=(1,)) as pool:
        for outcome in in_order(pool, work, chunks, 4 * workers):
            yield from finish(outcome, settings) if split else outcome


def on_gpu(settings: AnnotationSettings) -> bool:
    """Return whether pitch is measured by a GPU on this machine."""
    return settings.pitch.torch_device.type != "cpu"


def in_order(pool: ProcessPoolExecutor, work: Callable[[_T], _R], items: Iterable[_T], ahead: int) -> Iterator[_R]:
    """Yield results in order with so many jobs under way: finished ones must not pile up before a slow reader."""
    waiting: deque[Future[_R]] = deque()
    for item in items:
        waiting.append(pool.submit(work, item))
        if len(waiting) >= ahead:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


@contextmanager
def _one_thread() -> Iterator[None]:
    """Sum in the same order as a worker process does, so that one process and many give the same bytes."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


@dataclass(frozen=True, slots=True)
class Prepared:
    """An utterance of which everything but the pitch is measured."""

    record: UtteranceRecord
    waveform: Waveform


def measure_rows(rows: Sequence[ManifestRow], settings: AnnotationSettings) -> list[UtteranceRecord | Skip]:
    """Measure rows, or say why one cannot be used; the order stays."""
    return finish(prepare_rows(rows, settings), settings)


def prepare_rows(rows: Sequence[ManifestRow], settings: AnnotationSettings) -> list[Prepared | Skip]:
    """Decode rows and measure what needs no network."""
    return [_prepare(row, settings) for row in rows]


def finish(prepared: Sequence[Prepared | Skip], settings: AnnotationSettings) -> list[UtteranceRecord | Skip]:
    """Measure the pitch of all that could be decoded."""
    usable = [one for one in prepared if isinstance(one, Prepared)]
    known = [one.record.attributes for one in usable]
    attributes = iter(with_pitch(known, [one.waveform for one in usable], settings.pitch))
    return [one if isinstance(one, Skip) else replace(one.record, attributes=next(attributes)) for one in prepared]


def _prepare(row: ManifestRow, settings: AnnotationSettings) -> Prepared | Skip:
    try:
        waveform = load_recording(row.audio, min_seconds=settings.min_seconds, max_seconds=settings.max_seconds)
    except AudioError as error:
        return Skip(row.key, error.reason, str(error), row.source)
    record = UtteranceRecord(
        key=row.key,
        corpus=row.corpus,
        speaker=row.speaker,
        language=row.language,
        split=row.split,
        emotion=harmonise(row.label, row.corpus) if row.label else None,
        transcript=row.transcript,
        duration=round(len(waveform) / SAMPLE_RATE, 4),
        gender=row.gender,
        emotion_original=row.label,
        votes=harmonise_votes(row.votes, row.corpus),
        attributes=measure_without_pitch(waveform, row.transcript, row.language),
    )
    return Prepared(record, waveform)
