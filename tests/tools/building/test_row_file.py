import os
from dataclasses import replace
from pathlib import Path

import pytest

from tools.building.row_file import fingerprint, forget_files, read_rows, write_rows
from tools.corpora.base import ManifestRow
from tools.corpora.recording import Segment, TableCell

ROW = ManifestRow("k", Path("a/b.wav"), "sad", "C", "s", "female", "pl", "Tak,\tjest.\u2028\n", "dev", "list, row 2")


@pytest.mark.parametrize(
    "audio", [Path("a/b.wav"), Segment(Path("c.wav"), 0.25), TableCell(Path("t.parquet"), 3, "audio")]
)
def test_rows_are_read_as_they_were_written(audio, tmp_path):
    rows = [replace(ROW, audio=audio), replace(ROW, votes={"sad": 2}, seconds=1.25)]
    write_rows(tmp_path / "rows.jsonl", rows)
    assert read_rows(tmp_path / "rows.jsonl") == rows


def test_a_recording_has_another_fingerprint_when_its_file_changes(tmp_path):
    path = tmp_path / "a.wav"
    prints = []

    def look(audio):
        forget_files()
        prints.append(fingerprint(audio))

    look(path)
    path.write_bytes(b"one")
    look(path)
    look(Segment(path, 0.0, 1.0))
    look(Segment(path, 0.0, 2.0))
    path.write_bytes(b"three")
    look(path)
    os.utime(path, ns=(0, 0))
    look(path)
    assert len(set(prints)) == len(prints)
    look(path)
    assert prints[-1] == prints[-2]
