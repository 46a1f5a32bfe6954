from tests.results import result
from tools.evaluating.paper_results import SETS, paper_results
from tools.evaluating.table import set_grids, short_grid


def test_ours_stands_on_top_with_its_interval_and_gaps_where_nothing_was_tested():
    ua, wa, macro_f1 = set_grids("mine", {"meld": result()}, paper_results())
    assert [grid.title for grid in (ua, wa, macro_f1)] == ["UA", "WA", "Macro-F1"]
    ours, *theirs = ua.lines
    scores = result().scores
    low, high = scores.ci95["ua"]
    assert ours.cells[SETS.index("meld")] == f"{scores.ua:.3f} ({low:.3f} to {high:.3f})"
    assert [cell for cell in ours.cells if cell] == [ours.cells[SETS.index("meld")]]
    assert len(theirs) == 12
    best = next(line for line in theirs if line.system == "C2SER (Implicit CoT) (Table VI)")
    assert best.cells == ("0.367", "0.387", "0.963", "0.533", "0.597", "0.439", "0.417", "0.286", "0.690")


def test_markdown_has_a_cell_for_every_set():
    for line in set_grids("mine", {}, paper_results())[0].markdown().splitlines()[2:]:
        assert line.count("|") == len(SETS) + 2


def test_short_tables_hold_the_papers_rows():
    grid = short_grid("t", "meld", "mine", {"meld": result()}, paper_results(["IX"]))
    assert grid.lines[0].system == "mine"
    assert grid.lines[-1].cells == ("0.493", "0.649", "0.441")
    assert len(short_grid("t", "esd", "mine", {}, paper_results(["IX"])).lines) == 3
