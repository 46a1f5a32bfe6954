from dataclasses import replace
from pathlib import Path

import pytest

from c2ser_lightning.data.ledger import Skip, StrictModeError
from tools import hash_index
from tools.building import planning
from tools.building.ledger_file import LedgerFile
from tools.building.planning import FEWEST_ROWS, MOST_ROWS, Planner
from tools.building.row_file import read_rows
from tools.building.work_folder import open_work_folder
from tools.corpora.base import ManifestRow


def row(number, **changes):
    made = ManifestRow(f"u{number}", Path(f"{number}.wav"), "sad", "toy", f"s{number % 7}", "", "en", "", "train", "")
    return replace(made, source=f"row {number}", **changes)


def plan(folder, items, recipe="recipe", *, strict=False):
    with open_work_folder(folder / "out") as work, LedgerFile(work.ledger, strict=strict) as ledger:
        planner = Planner(work, recipe, ledger)
        for item in items:
            planner.take(item)
        made = planner.finish()
        rows = [read for unit in made.units for read in read_rows(work.rows(unit.number))]
    return made, rows, [line.split('"')[7] for line in work.ledger.read_text().splitlines()]


def test_units_hold_every_row_in_order(tmp_path):
    made, rows, _ = plan(tmp_path, map(row, range(500)))
    assert rows == list(map(row, range(500)))
    assert made.rows == 500
    assert [unit.number for unit in made.units] == list(range(len(made.units)))
    assert all(FEWEST_ROWS <= unit.rows <= MOST_ROWS for unit in made.units[:-1])


@pytest.mark.parametrize("place", [0, 77, 250])
def test_one_row_more_changes_few_units(tmp_path, place):
    numbers = list(range(1000))
    before, *_ = plan(tmp_path, map(row, numbers))
    after, *_ = plan(tmp_path, map(row, [*numbers[:place], 5000, *numbers[place:]]))
    assert len({unit.key for unit in after.units} - {unit.key for unit in before.units}) <= 4


def test_what_was_measured_stays_when_labels_and_words_change(tmp_path):
    before, *_ = plan(tmp_path, map(row, range(40)))
    after, *_ = plan(tmp_path, (row(n, label="happy", transcript="else", speaker="x") for n in range(40)))
    assert after.units == before.units
    other, *_ = plan(tmp_path, map(row, range(40)), recipe="another")
    assert {unit.key for unit in other.units}.isdisjoint(unit.key for unit in before.units)


@pytest.mark.parametrize("merge_every", [3, 65_536])
def test_rows_are_kept_or_named(tmp_path, monkeypatch, merge_every):
    monkeypatch.setattr(hash_index, "MERGE_EVERY", merge_every)
    items = [
        *map(row, range(100)),
        Skip("x", "unknown_split", "", "row 100"),
        row(3),
        row(99),
        row(101, label="grumpy"),
        row(102, label="Calm "),
        row(103, key="k" * 97),
        row(101),
    ]
    _, rows, reasons = plan(tmp_path, items)
    assert [made.key for made in rows] == [f"u{number}" for number in [*range(100), 101]]
    wanted = ["unknown_split", "duplicate_key", "duplicate_key", "unknown_label", "label_left_out", "bad_key"]
    assert reasons == wanted
    text = (tmp_path / "out.work" / "ledger.jsonl").read_text()
    assert "already used by row 3" in text
    assert "already used by row 99" in text


def test_keys_of_the_same_hash_are_two_keys(tmp_path, monkeypatch):
    monkeypatch.setattr(planning, "_hash", lambda key: 7)
    _, rows, reasons = plan(tmp_path, map(row, range(40)))
    assert (len(rows), reasons) == (40, [])


def test_splits_are_made_when_all_speakers_are_known(tmp_path):
    made, rows, _ = plan(tmp_path, (row(number, split="") for number in range(100)))
    assert "split by speaker" in made.note
    by_speaker = {one.speaker: {other.split for other in rows if other.speaker == one.speaker} for one in rows}
    assert all(len(splits) == 1 for splits in by_speaker.values())
    assert {one.split for one in rows} == {"train", "dev", "test"}


def test_a_strict_plan_stops(tmp_path):
    with pytest.raises(StrictModeError, match="row 1: u1: unknown_label"):
        plan(tmp_path, [row(0), row(1, label="grumpy"), row(2)], strict=True)
