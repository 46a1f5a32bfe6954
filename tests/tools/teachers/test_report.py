import pytest

from tools.teachers.exchange import Answer
from tools.teachers.report import KindReport, Prices, TeacherReport


def test_tokens_of_the_journal_count_for_the_corpus_but_not_for_this_run():
    report = TeacherReport("toy", Prices(2.0, 20.0), utterances=2, seconds=4.0)
    report.count(Answer("x", "stop", 1000, 100, resent=3), from_journal=False)
    report.count(Answer("x", "stop", 500, 50, resent=7), from_journal=True)
    assert (report.prompt_tokens, report.paid_prompt_tokens) == (1500, 1000)
    assert (report.from_journal, report.resent) == (1, 3)
    assert report.paid == pytest.approx(1000 * 2e-6 + 100 * 20e-6)
    assert "cost 0.0040 (with earlier runs 0.0060)" in report.lines()[-1]
    assert "0.5 utt/s" in report.lines()[-1]


def test_the_summary_holds_nothing_that_differs_between_an_undisturbed_and_a_resumed_run():
    whole, resumed = TeacherReport("toy", seconds=4.0), TeacherReport("toy", seconds=9.0)
    answer = Answer("x", "stop", 10, 1, resent=2)
    whole.count(answer, from_journal=False)
    resumed.count(answer, from_journal=True)
    assert whole.summary() == resumed.summary()


def test_acceptance_counts_what_was_accepted_late_too():
    assert KindReport(asked=8, accepted_first=5, accepted_later=1, fallbacks=2).acceptance == 0.75
    assert KindReport().acceptance == 0.0


def test_objections_are_listed_most_frequent_first():
    report = TeacherReport("toy")
    report.kind("explicit").asked = 4
    report.kind("explicit").objections.update(pitch_missing=1, truncated=3)
    assert "objections: 3 truncated, 1 pitch_missing" in report.lines()[1]
