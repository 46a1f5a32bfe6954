"""From manifest rows to measured records, over all cores, with everything unusable named in the ledger."""

import multiprocessing
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from tqdm import tqdm

from c2ser_lightning.data.audio import SAMPLE_RATE, AudioError
from c2ser_lightning.data.ledger import Ledger, Skip
from c2ser_lightning.data.record import UtteranceRecord
from c2ser_lightning.emotions import harmonise, harmonise_votes
from tools.attributes.measure import measure
from tools.corpora.base import ManifestRow
from tools.corpora.recording import load_recording

FEWEST_ROWS_FOR_WORKERS = 64
"""Below this the start of further processes costs more than it saves."""


@dataclass(frozen=True, slots=True)
class AnnotationSettings:
    """How utterances are measured and which are kept.

    Attributes:
        min_seconds: Shorter clips are left out.
        max_seconds: Longer clips are left out (paper IV-A: 20 s).
        pitch_hop: Seconds between pitch frames.
    """

    min_seconds: float = 0.2
    max_seconds: float = 20.0
    pitch_hop: float = 0.05


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
    if workers <= 1 or len(rows) < FEWEST_ROWS_FOR_WORKERS:
        with _one_thread():
            yield from (measure_row(row, settings) for row in rows)
        return
    # Spawned, not forked: torch's threads do not survive a fork.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context, initializer=torch.set_num_threads, initargs=(1,)) as pool:
        yield from pool.map(measure_row, rows, [settings] * len(rows), chunksize=4)


@contextmanager
def _one_thread() -> Iterator[None]:
    """Sum in the same order as a worker process does, so that one process and many give the same bytes."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def measure_row(row: ManifestRow, settings: AnnotationSettings) -> UtteranceRecord | Skip:
    """Measure one row, or say why it cannot be used."""
    try:
        waveform = load_recording(row.audio, min_seconds=settings.min_seconds, max_seconds=settings.max_seconds)
    except AudioError as error:
        return Skip(row.key, error.reason, str(error), row.source)
    return UtteranceRecord(
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
        attributes=measure(waveform, row.transcript, row.language, settings.pitch_hop),
    )
