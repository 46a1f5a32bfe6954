"""The describe verb, through its command line."""

import json

import pytest

from tests.tools.corpora.miniature import real, speak, touch, write
from tools.describe import main


def cells(output: str) -> dict[tuple[str, str], list[str]]:
    """The table's lines by corpus and split."""
    lines = output.split("\n\n", maxsplit=1)[0].splitlines()[2:]
    return {(line.split()[0], " ".join(line.split()[1:-12])): line.split()[-12:] for line in lines}


@pytest.fixture
def emovo(tmp_path):
    for name, seconds in (("f1/gio-f1-b1", 1.5), ("f1/tri-f1-b1", 2.1), ("m1/neu-m1-b1", 20.5)):
        speak(tmp_path / f"{name}.wav", seconds)
    touch(tmp_path, "m1/rab-m1-b1.wav")
    return tmp_path


def test_counts_beside_the_paper(emovo, capsys, tmp_path):
    main(["--corpus", "emovo", "--data", str(emovo), "--ledger", str(tmp_path / "ledger.jsonl")])
    said = capsys.readouterr().out
    table = cells(said)
    assert table["EMOVO", "test"] == ["2", "0.00", "1", "it", "-", "1", "-", "1", "-", "-", "-", "-"]
    assert table["EMOVO", "paper IV"][:4] == ["588", "-", "-", "Italian"]
    assert "2 kept of 4 listed" in said
    skips = {
        skip["key"]: skip["reason"] for skip in map(json.loads, (tmp_path / "ledger.jsonl").read_text().splitlines())
    }
    assert skips == {"neu-m1-b1": "too_long", "rab-m1-b1": "undecodable"}


def test_several_corpora_and_their_options(emovo, capsys, tmp_path):
    write(tmp_path, "other/manifest.csv", "file,emotion,corpus\na.wav,happy,A\nb.wav,calm,A\nc.wav,,B\n")
    for name in "abc":
        speak(tmp_path / f"other/{name}.wav", 3.6)
    first = ["--corpus", "emovo", "--data", str(emovo), "--reader-option", "split=train", "--max-seconds", "30"]
    second = ["--corpus", "csv", "--data", str(tmp_path / "other"), "--reader-option", "relabel=calm:neutral"]
    main([*first, *second])
    table = cells(capsys.readouterr().out)
    assert table["EMOVO", "train"][0] == "3"
    assert table["A", "no split"] == ["2", "0.00", "-", "en", "-", "1", "1", "-", "-", "-", "-", "-"]
    assert table["B", "no split"][-1] == "1"


def test_the_real_meld_lists_without_audio(capsys):
    main(["--corpus", "meld", "--data", str(real("meld_annotations")), "--lists-only"])
    table = cells(capsys.readouterr().out)
    assert table["MELD", "all"][0] == "13697"
    assert table["MELD", "paper IV"][0] == "13706"
    assert table["MELD", "train"][4] == "1109"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--corpus", "emvo", "--data", "x"], "did you mean 'emovo'?"),
        (["--corpus", "emovo"], "--corpus emovo has no --data"),
        (["--data", "x", "--corpus", "emovo"], "--data stands before the first --corpus"),
        (["--corpus", "emovo", "--data", "x", "--data", "y"], "has two --data"),
        (["--corpus", "emovo", "--data", "nowhere"], "no folder nowhere"),
        (["--corpus", "emovo", "--data", "x", "--reader-option", "splt=dev"], "did you mean 'split'?"),
        (["--corpus", "emovo", "--data", "x", "--list-only"], "did you mean --lists-only?"),
    ],
)
def test_a_mistake_ends_with_status_2_and_says_what_is_right(arguments, message, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2
    assert message in capsys.readouterr().err


def test_audio_that_is_elsewhere_suggests_to_count_lists(tmp_path, capsys):
    write(tmp_path, "manifest.csv", "file,emotion\na.wav,happy\n")
    with pytest.raises(SystemExit):
        main(["--corpus", "csv", "--data", str(tmp_path)])
    assert "1 missing_file); to count lists without audio, add --lists-only" in capsys.readouterr().err
