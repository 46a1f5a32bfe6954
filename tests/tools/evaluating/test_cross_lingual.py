"""Figures by language against loops over made-up answers."""

from dataclasses import replace

import pytest

from c2ser_lightning.emotions import EMOTIONS
from c2ser_lightning.report.predictions import Prediction
from tests.results import result
from tests.shards import record
from tools.evaluating.cross_lingual import averages, rows
from tools.evaluating.table import language_grids

HITS = {"en": 6, "zh": 4, "pl": 2, "de": 1}


def answers(language: str, hits: int, count: int = 14) -> list[Prediction]:
    """Right for so many of every seven utterances."""
    made = []
    for number in range(count):
        item = record(number, 1.0, language=language, key=f"{language}{number}")
        wrong = EMOTIONS[(number + 1) % 7]
        made.append(Prediction.of(item, item.emotion if number % 7 < hits else wrong))
    return made


def outcome_on(corpus: str, *languages: str, trained: tuple[str, ...] = ("en", "zh"), **hits: int):
    made = [row for code in languages for row in answers(code, hits.get(code, HITS[code]))]
    return replace(result("ours", corpus, rows=made), training_languages=trained)


def test_a_row_holds_the_scores_of_one_language_alone():
    found = rows([outcome_on("both", "en", "pl"), outcome_on("one", "de")])
    assert [(row.test_set, row.language, row.relation) for row in found] == [
        ("both", "en", "trained"),
        ("both", "pl", "zero-shot"),
        ("one", "de", "zero-shot"),
    ]
    for row in found:
        right = sum(one.correct for one in answers(row.language, HITS[row.language]))
        assert (row.n, row.wa, row.ua) == (14, pytest.approx(right / 14), pytest.approx(HITS[row.language] / 7))
        assert row.ci95["ua"][0] <= row.ua <= row.ci95["ua"][1]


def test_averages_count_every_language_once_however_many_sets_it_has():
    found = rows([outcome_on("a", "en", "pl"), outcome_on("b", "en", en=0), outcome_on("c", "zh", "de")])
    trained, zero_shot = averages(found)
    english = (6 / 7 + 0 / 7) / 2
    assert (trained.relation, trained.languages) == ("trained", ("en", "zh"))
    assert trained.ua == pytest.approx((english + 4 / 7) / 2)
    assert (zero_shot.languages, zero_shot.wa) == (("de", "pl"), pytest.approx((1 / 7 + 2 / 7) / 2))


def test_what_is_not_known_is_not_called_zero_shot():
    assert {row.relation for row in rows([outcome_on("a", "en", "pl", trained=())])} == {"unknown"}
    unsaid = [replace(row, language="") for row in answers("en", 3)]
    (row,) = rows([replace(result("ours", rows=unsaid), training_languages=("en",))])
    assert (row.language, row.relation) == ("unknown", "unknown")


def test_unlabelled_languages_have_no_row():
    unlabelled = [replace(row, emotion=None) for row in answers("pl", 3)]
    made = replace(result("ours", rows=[*answers("en", 3), *unlabelled]), training_languages=("en",))
    assert [row.language for row in rows([made])] == ["en"]


def test_tables_name_systems_where_there_are_several():
    one, two = outcome_on("a", "en"), replace(outcome_on("a", "en", trained=("pl",)), name="theirs")
    found = rows([one, two])
    table, means = language_grids(found, averages(found))
    assert [line.system for line in table.lines] == ["ours: a, en", "theirs: a, en"]
    assert [line.system for line in means.lines] == ["ours, trained: en", "theirs, zero-shot: en"]
    alone = rows([one])
    assert [line.system for line in language_grids(alone, averages(alone))[0].lines] == ["a, en"]
