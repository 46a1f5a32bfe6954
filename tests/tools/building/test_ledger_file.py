import json
from dataclasses import asdict

import pytest

from c2ser_lightning.data.ledger import Ledger, Skip, StrictModeError
from tools.building.ledger_file import LedgerFile

SKIPS = [Skip("a", "silent", "peak", "row 1"), Skip("b", "too_short", "ä", "row 2"), Skip("c", "silent", "", "row 3")]


def test_it_says_what_the_ledger_in_memory_says(tmp_path):
    plain = Ledger()
    plain.extend(SKIPS)
    plain.write(tmp_path / "plain.jsonl")
    with LedgerFile(tmp_path / "ledger.jsonl") as ledger:
        for skip in SKIPS:
            ledger.add(skip)
        ledger.copy_to(tmp_path / "copy.jsonl")
        assert (len(ledger), ledger.counts(), ledger.summary()) == (len(plain), plain.counts(), plain.summary())
    for name in ("ledger.jsonl", "copy.jsonl"):
        assert (tmp_path / name).read_bytes() == (tmp_path / "plain.jsonl").read_bytes()


def test_a_strict_ledger_stops_and_has_written_why(tmp_path):
    with (
        pytest.raises(StrictModeError, match="row 1: a: silent: peak"),
        LedgerFile(tmp_path / "l.jsonl", strict=True) as ledger,
    ):
        ledger.add(SKIPS[0])
    assert json.loads((tmp_path / "l.jsonl").read_text()) == asdict(SKIPS[0])


def test_a_new_ledger_is_empty(tmp_path):
    (tmp_path / "l.jsonl").write_text("old")
    with LedgerFile(tmp_path / "l.jsonl") as ledger:
        assert (len(ledger), ledger.summary()) == (0, "nothing was left out")
    assert not (tmp_path / "l.jsonl").read_text()
