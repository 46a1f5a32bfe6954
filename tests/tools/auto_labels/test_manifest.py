"""Every kind of recording comes back from the manifest as the same sound; an unfinished file gets no name."""

import numpy as np
import pytest
import soundfile

from c2ser_lightning.emotions import EMOTIONS
from tests.tools.corpora.miniature import split_kinds
from tests.tools.sounds import harmonic
from tools.auto_labels.manifest import ManifestWriter
from tools.auto_labels.rule import Agreement
from tools.corpora import open_corpus
from tools.corpora.base import ManifestRow
from tools.corpora.recording import Segment, TableCell, load_recording


def row(key, audio):
    return ManifestRow(key, audio, "hap", "pod", "s", "female", "zh", 'say "a,\nb"', "dev", "list, row 1")


def recordings(folder):
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    folder.mkdir()
    soundfile.write(folder / "long.wav", harmonic(100, 300, 2.0), 16_000)
    table = pyarrow.table({"audio": [(folder / "long.wav").read_bytes()]})
    parquet.write_table(table, folder / "t.parquet")
    path = folder / "long.wav"
    return [path, Segment(path, 0.5, 1.25), Segment(path, 1.5), TableCell(folder / "t.parquet", 0, "audio")]


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_every_kind_of_recording_comes_back(tmp_path, kind):
    given = [row(f"k{number}", audio) for number, audio in enumerate(recordings(tmp_path / "corpus"))]
    with ManifestWriter(tmp_path / "labels", kind) as writer:
        for one in given:
            writer.add(one, Agreement("anger", 0.5, 0.8), 1.0)
    rows, skips = split_kinds(open_corpus(kind, tmp_path / "labels"))
    assert skips == []
    assert EMOTIONS[0] == rows[0].label
    for one, back in zip(given, rows, strict=True):
        assert (back.key, back.speaker, back.gender, back.split, back.corpus) == (one.key, "s", "female", "dev", "pod")
        assert (back.language, back.transcript) == ("zh", 'say "a, b"')
        np.testing.assert_allclose(load_recording(back.audio), load_recording(one.audio), atol=1e-4)


def test_an_unfinished_manifest_gets_no_name(tmp_path):
    with pytest.raises(KeyboardInterrupt), ManifestWriter(tmp_path, "csv") as writer:
        writer.add(row("k", tmp_path / "a.wav"), Agreement("anger", 0.5, 0.8), 1.0)
        raise KeyboardInterrupt
    assert not (tmp_path / "manifest.csv").exists()
