import re
from dataclasses import replace

import pytest

from c2ser_lightning.emotions import EMOTIONS
from c2ser_lightning.report.comparison import compare, further_rows
from c2ser_lightning.report.hallucination import hallucinations
from c2ser_lightning.report.html import write_report
from c2ser_lightning.report.scoring import score
from tests.pages import Page
from tests.report.test_scoring import rows
from tests.results import result


def explained(name: str, made):
    scores, further = score(made, EMOTIONS)
    return replace(result(name, rows=made), scores=scores, further=further)


def test_systems_are_compared_on_what_both_answered():
    first, second = rows(40), [replace(row, predicted=row.emotion) for row in rows(30)]
    paired = compare(result("a", rows=first), result("b", rows=second))
    assert paired.n == 30
    assert (paired.only_first, paired.only_second) == (0, sum(not row.correct for row in first[:30]))


def test_a_measure_that_one_system_lacks_is_a_dash():
    table = {row.title: row.cells for row in further_rows([explained("a", rows()), result("b")])}
    assert table["expected calibration error"][1] == "–"
    assert "tokens an answer" not in table
    assert len(table["Macro-F1, labels seen"]) == 2


def test_the_page_shows_further_scores_reliability_and_hallucination(tmp_path):
    wrong = [replace(row, answer='Spoken with a high pitch: "Hello". An exam makes him sad.') for row in rows()]
    write_report([explained("founded", rows()), explained("unfounded", wrong)], tmp_path / "page.html")
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    page = Page(text)
    assert "claimed high, measured low" in page.text
    assert re.search(r"stated “Hello”, spoken “word \d+”", page.text)
    assert "from nowhere exam" in page.text
    assert text.count('class="reliability"') == 2
    assert "unfounded - founded: UA" in page.text
    assert "Macro-F1, any annotator" in page.text


def test_examples_of_hallucination_have_most_faults_and_differ():
    wrong = rows(28)
    wrong[3] = replace(wrong[3], answer='Spoken with a high pitch and a slow pace: "Hello". An exam.')
    shown = hallucinations(explained("x", wrong))
    assert shown[0].utterance.key == wrong[3].key
    assert shown[0].contradictions == [("pitch", "high", "low"), ("rate", "low", "high")]
    assert len({(one.utterance.speaker, one.utterance.emotion) for one in shown}) == len(shown) == 5


def test_without_explanations_there_is_no_such_section(tmp_path):
    assert hallucinations(result()) == []
    write_report([result()], tmp_path / "page.html")
    assert "Hallucination" not in Page((tmp_path / "page.html").read_text(encoding="utf-8")).text


@pytest.mark.parametrize("text", ["</script><script>alert(1)</script>", "<!--<script>"])
def test_answers_cannot_leave_their_data_block(tmp_path, text):
    write_report([result(rows=[replace(row, answer=text) for row in rows(7)])], tmp_path / "page.html")
    made = (tmp_path / "page.html").read_text(encoding="utf-8")
    block = made.split('id="answer-data">')[1].split("</script>")[0]
    assert "<" not in block
    assert block.count("alert(1)") == (7 if "alert" in text else 0)
