"""Files in, emotions out; what could not be heard is named and decides the exit status."""

import json

import pytest

from c2ser_lightning.data.audio import encode_flac
from c2ser_lightning.inference import Recognition
from tests.shards import tone
from tools import recognize


@pytest.fixture
def folder(tmp_path):
    for name, number in (("b.flac", 0), ("deep/a.flac", 1)):
        path = tmp_path / "speech" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(encode_flac(tone(number, 0.6)))
    (tmp_path / "speech" / "notes.txt").write_text("no sound")
    return tmp_path / "speech"


def test_a_folder_of_files_and_what_was_heard(stage2_run, folder, tmp_path, capsys):
    out = tmp_path / "new" / "found.jsonl"
    recognize.main(["--run", str(stage2_run), "--device", "cpu", "--out", str(out), str(folder)])
    rows = [json.loads(row) for row in out.read_text().splitlines()]
    assert [row["source"] for row in rows] == [str(folder / "b.flac"), str(folder / "deep" / "a.flac")]
    assert all(sum(row["probabilities"].values()) == pytest.approx(1.0) for row in rows)
    shown = capsys.readouterr().out
    assert f"{folder / 'b.flac'}: {rows[0]['emotion']} 0." in shown


def test_a_bad_file_is_named_and_the_rest_goes_on(stage2_run, folder, tmp_path, capsys):
    (folder / "broken.wav").write_text("RIFF")
    with pytest.raises(SystemExit, match="1 of 3 files could not be used"):
        recognize.main(["--run", str(stage2_run), "--device", "cpu", str(folder)])
    shown = capsys.readouterr()
    assert "broken.wav: cannot be decoded" in shown.err
    assert shown.out.count(".flac: ") == 2


def test_what_a_person_reads():
    scored = Recognition("a.wav", 1.0, "fear", {"anger": 0.2, "fear": 0.7, "neutral": 0.1}, rationale="Spoken fast.")
    assert recognize.line(scored) == "a.wav: fear 0.70 (anger 0.20)\n    Spoken fast."
    assert recognize.line(Recognition("a.wav", 1.0, None, answer="Hm.")) == "a.wav: unparsed\n    Hm."


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--run", "none", "{folder}"], "no none/config.yaml"),
        (["--run", "none", "{folder}/deep/empty"], "no sound files in .*empty; known endings"),
        (["--run", "{run}", "--emotions", "joy", "--", "{folder}"], "no such emotion: joy"),
        (["--run", "{run}", "--device", "abacus", "{folder}"], "device 'abacus' cannot be used here"),
    ],
)
def test_mistakes_are_named(arguments, message, stage2_run, folder):
    (folder / "deep" / "empty").mkdir()
    with pytest.raises(SystemExit, match=message):
        recognize.main([word.format(folder=folder, run=stage2_run) for word in arguments])
