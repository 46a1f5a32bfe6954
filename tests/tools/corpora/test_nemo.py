from collections import Counter

import pytest

from c2ser_lightning.emotions import harmonise
from tests.tools.corpora.miniature import real, reasons, split_kinds, touch, write
from tools.corpora.base import CorpusError
from tools.corpora.nemo import read_nemo
from tools.corpora.recording import recording_seconds

HEAD = "file_id\temotion\traw_text\tnormalized_text\tspeaker_id\tsex\tage\n"


def test_the_official_table(tmp_path):
    touch(tmp_path, "samples/SK1_anger_1.wav")
    write(
        tmp_path, "data.tsv", HEAD + 'SK1_anger_1.wav\tanger\tTak, "jest".\ttak jest\tSK1\tfemale\t30\n\t\t\t\t\t\t\n'
    )
    rows, _ = split_kinds(read_nemo(tmp_path))
    (row,) = rows
    assert (row.key, row.audio, row.label) == ("SK1_anger_1", tmp_path / "samples" / "SK1_anger_1.wav", "anger")
    assert (row.speaker, row.gender, row.language, row.transcript) == ("nemo_SK1", "female", "pl", 'Tak, "jest".')
    assert row.split == ""


def test_not_the_corpus(tmp_path):
    with pytest.raises(CorpusError, match=r"holds none of data\.tsv"):
        list(read_nemo(tmp_path))
    write(tmp_path, "data.tsv", HEAD)
    with pytest.raises(CorpusError, match="lists no utterance"):
        list(read_nemo(tmp_path))


def test_a_row_without_a_file_loses_only_itself(tmp_path):
    write(tmp_path, "data.tsv", HEAD + "\tanger\tTak.\ttak\tSK1\tfemale\t30\na.wav\tfear\tNie.\tnie\tSK1\tfemale\t30\n")
    assert reasons(read_nemo(tmp_path)) == {"row 2": "no_file_named"}
    assert len(list(read_nemo(tmp_path))) == 2


def test_real_speech_with_a_manifest():
    rows, skips = split_kinds(read_nemo(real("nemo_pl")))
    assert (len(rows), skips) == (240, [])
    assert Counter(row.split for row in rows) == {"train": 120, "dev": 60, "test": 60}
    emotions = Counter(harmonise(row.label, row.corpus) for row in rows)
    assert set(emotions.values()) == {40}
    assert sum(map(lambda row: recording_seconds(row.audio), rows)) == pytest.approx(8.5 * 60, rel=0.01)  # noqa: C417
