from dataclasses import replace

from c2ser_lightning.report.tables import score_table
from tests.results import predictions, result


def test_the_table_shows_interval_chance_and_origin():
    made = result("one")
    table = score_table([made, result("a longer name", wrong_every=2)])
    low, high = made.scores.ci95["ua"]
    assert f"[{low:.3f}, {high:.3f}]" in table
    assert "chance level of UA 0.143" in table
    assert "synthetic" in table
    assert len({len(line) for line in table.splitlines()[:4]}) == 1
    assert "synthetic" not in score_table([replace(made, synthetic=False)])


def test_utterances_without_a_reference_are_said():
    rows = [replace(row, emotion=None) if number < 3 else row for number, row in enumerate(predictions(9))]
    assert "one: 3 utterances without a reference in the label set are not scored" in score_table(
        [result("one", rows=rows)]
    )
