import math
import re
from dataclasses import replace

import pytest

from c2ser_lightning.report.html import ReportError, write_report
from tests.pages import Page
from tests.results import predictions, result


def page(tmp_path, *results) -> Page:
    write_report(results, tmp_path / "deep" / "page.html")
    return Page((tmp_path / "deep" / "page.html").read_text(encoding="utf-8"))


def test_the_page_is_well_formed_and_side_by_side(tmp_path):
    made = page(tmp_path, result("explicit"), result("implicit", wrong_every=7))
    assert (made.tags["figure"], made.tags["article"], made.tags["audio"]) == (2, 6, 6)
    assert "explicit, implicit · 28 utterances · 7 emotions · 2026-01-01" in made.text
    assert "0.143" in made.text
    assert "95 % bootstrap interval" in made.text
    assert "synthetic" in made.text
    assert "reference text" in made.text


def test_nothing_is_fetched_from_elsewhere(tmp_path):
    made = page(tmp_path, result())
    sources = [value for name, value in made.attributes if name in {"src", "href", "srcset", "action", "data"}]
    assert len(sources) == 6
    assert all(value.startswith("data:audio/flac;base64,") for value in sources)
    raw = (tmp_path / "deep" / "page.html").read_text(encoding="utf-8")
    assert "default-src 'none'" in raw
    assert not re.search(r"https?://|url\(|@import|//[a-z]+\.", raw)


def test_every_text_of_the_data_is_escaped(tmp_path):
    evil = "\"><script>alert(1)</script>'&"
    rows = [
        replace(row, transcript=evil, answer=evil, reference=evil, speaker=evil, language=evil)
        for row in predictions(7)
    ]
    made = page(tmp_path, replace(result(rows=rows), name=evil, corpus=evil, date=evil))
    assert made.tags["script"] == 2  # the data and the program
    assert made.text.count("alert(1)") > 7


def test_confusion_shows_count_and_share_of_the_row(tmp_path):
    made = page(tmp_path, result(wrong_every=4))
    assert re.search(r"anger 3 75 0 0 0 0 0 0 1 25 happiness", made.text)


def test_a_class_without_references_shows_no_recall(tmp_path):
    bare = result()
    bare.scores.per_class["fear"].recall = math.nan
    assert "fear none" in page(tmp_path, bare).text


def test_cards_carry_what_the_filters_ask_for(tmp_path):
    made = page(tmp_path, result("one", wrong_every=2), result("two", wrong_every=3))
    values = {
        name: [value for key, value in made.attributes if key == f"data-{name}"] for name in ("verdict", "emotion")
    }
    assert values["verdict"] == ["wrong", "right", "mixed", "mixed", "mixed", "right"]
    assert values["emotion"] == ["anger", "happiness", "neutral", "sadness", "surprise", "disgust"]
    assert "right by some" in made.text
    assert "right by some" not in page(tmp_path, result()).text


def test_unlabelled_examples_are_neither_right_nor_wrong(tmp_path):
    rows = [replace(row, emotion=None) if number == 1 else row for number, row in enumerate(predictions(7))]
    made = page(tmp_path, result(rows=rows))
    assert "unlabelled" in made.text
    assert "1 utterances without a reference" in made.text
    assert made.text.count("✓") + made.text.count("✗") == 5


def test_probabilities_are_listed_most_probable_first(tmp_path):
    rows = [replace(row, probabilities={"anger": 0.1, "fear": 0.7, "disgust": 0.2}) for row in predictions(2)]
    assert "fear 0.70, disgust 0.20, anger 0.10" in page(tmp_path, result(rows=rows)).text


def test_systems_of_different_test_sets_are_not_compared(tmp_path):
    with pytest.raises(ReportError, match="one test set"):
        write_report([result(), result(corpus="other")], tmp_path / "page.html")


def test_different_utterances_are_said_plainly(tmp_path):
    made = page(tmp_path, result(), result(rows=predictions(20)))
    assert "did not answer the same utterances: 20 are common to all" in made.text
    assert made.tags["article"] == 6


def test_audio_of_an_earlier_system_serves_when_the_last_kept_none(tmp_path):
    assert page(tmp_path, result(), replace(result(), audio={})).tags["audio"] == 6
