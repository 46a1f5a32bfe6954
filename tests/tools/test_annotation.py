from concurrent.futures import Future
from dataclasses import replace

import soundfile
import torch

from c2ser_lightning.data.ledger import Ledger, Skip
from tests.tools.sounds import harmonic
from tools import annotation
from tools.annotation import AnnotationSettings, annotate, usable_rows
from tools.corpora.base import ManifestRow


def rows(folder, count):
    made = []
    for number in range(count):
        path = folder / f"u{number}.wav"
        soundfile.write(path, harmonic(120.0 + 10 * number, 160.0, 0.6), 16_000)
        made.append(ManifestRow(f"u{number}", path, "sad", "toy", "s", "female", "en", "cat", "train", f"row {number}"))
    return made


def test_number_of_workers_does_not_change_a_digit(tmp_path, monkeypatch):
    monkeypatch.setattr(annotation, "FEWEST_ROWS_FOR_WORKERS", 2)
    monkeypatch.setattr(annotation, "CLIPS_PER_CHUNK", 4)
    listed = rows(tmp_path, 6)
    alone, together = (annotate(listed, AnnotationSettings(), Ledger(), workers) for workers in (1, 2))
    assert alone == together
    assert [record.key for record in alone] == [row.key for row in listed]


def test_size_of_chunks_does_not_change_a_digit(tmp_path, monkeypatch):
    listed = rows(tmp_path, 5)
    together = annotate(listed, AnnotationSettings(), Ledger())
    monkeypatch.setattr(annotation, "CLIPS_PER_CHUNK", 1)
    assert annotate(listed, AnnotationSettings(), Ledger()) == together


def test_with_a_gpu_processes_decode_and_this_one_measures_pitch(tmp_path, monkeypatch):
    """The way of a GPU, on the processor: only the question for the device is answered differently."""
    listed = rows(tmp_path, 6)
    listed[2].audio.write_text("no sound")
    expected, ledger = annotate(listed, AnnotationSettings(), Ledger()), Ledger()
    monkeypatch.setattr(annotation, "FEWEST_ROWS_FOR_WORKERS", 2)
    monkeypatch.setattr(annotation, "CLIPS_PER_CHUNK", 2)
    monkeypatch.setattr(annotation, "on_gpu", lambda settings: True)
    assert annotate(listed, AnnotationSettings(), ledger, 2) == expected
    assert [skip.key for skip in ledger.skips] == ["u2"]


def test_results_come_in_order_and_few_are_under_way():
    submitted = []

    class Pool:
        def submit(self, work, item):
            submitted.append(item)
            made = Future()
            made.set_result(work(item))
            return made

    results = annotation.in_order(Pool(), lambda item: item * 2, iter(range(10)), 3)
    assert next(results) == 0
    assert submitted == [0, 1, 2]
    assert list(results) == [2, 4, 6, 8, 10, 12, 14, 16, 18]


def test_this_process_keeps_its_threads(tmp_path):
    torch.set_num_threads(2)
    annotate(rows(tmp_path, 1), AnnotationSettings(), Ledger())
    assert torch.get_num_threads() == 2


def test_a_language_without_phonemes_is_kept_without_a_rate(tmp_path):
    (row,) = rows(tmp_path, 1)
    ledger = Ledger()
    (record,) = annotate([replace(row, language="xx")], AnnotationSettings(), ledger)
    assert record.attributes.speaking_rate is None
    assert record.attributes.pitch_hz is not None
    assert len(ledger) == 0


def test_a_clip_of_any_length_is_measured(tmp_path):
    """Lengths at which a block of BS.1770 rounds up to more than the clip."""
    (row,) = rows(tmp_path, 1)
    for samples in (2007, 3999, 6399):
        soundfile.write(row.audio, harmonic(200.0, 200.0, 1.0)[:samples], 16_000)
        (record,) = annotate([row], AnnotationSettings(min_seconds=0.1), Ledger())
        assert record.attributes.loudness_lufs is not None


def test_rows_are_kept_or_named(tmp_path):
    (row,) = rows(tmp_path, 1)
    ledger = Ledger()
    skip = Skip("x", "unknown_split", "", "row 9")
    others = [replace(row, source="row 5"), replace(row, key="b", label="grumpy"), replace(row, key="c", label="Calm ")]
    assert usable_rows([row, skip, *others], ledger) == [row]
    assert [made.reason for made in ledger.skips] == [
        "unknown_split",
        "duplicate_key",
        "unknown_label",
        "label_left_out",
    ]
    assert "row 0" in ledger.skips[1].detail
