import re
from dataclasses import replace

from c2ser_lightning.data.record import Attributes
from tests.pages import Page
from tests.shards import record
from tests.tools.inspection.folders import build, utterances
from tools.inspection.inspection import Inspection
from tools.inspection.page import SPEAKER_ROWS, speaker_rows, write_page
from tools.inspection.tally import Tally

HOSTILE = "\"><script>alert(1)</script>'& {{ 7 * 7 }} <img src=x onerror=alert(2)>"


def page(folder, out) -> Page:
    write_page(Inspection(folder, 2), out)
    return Page(out.read_text(encoding="utf-8"))


def test_a_clean_folder_is_shown_well_formed(tmp_path):
    made = page(build(tmp_path / "toy"), tmp_path / "deep" / "page.html")
    assert (made.tags["article"], made.tags["audio"], made.tags["svg"], made.tags["section"]) == (14, 14, 3, 0)
    assert "35 utterances · 0.00 hours · 6 speakers · en · 4 shards" in made.text
    assert "Checksums and schema hold; nothing to warn of." in made.text
    assert "train 21 0.00 2 3 3 3 3 3 3 3" in made.text
    assert "explicit The speaker spoke at a fast pace" in made.text
    assert "implicit This speech conveys fear." in made.text
    assert "low below" in made.text


def test_nothing_is_fetched_from_elsewhere(tmp_path):
    made = page(build(tmp_path / "toy"), tmp_path / "page.html")
    sources = [value for name, value in made.attributes if name in {"src", "href", "srcset", "action", "data"}]
    assert len(sources) == 14
    assert all(value.startswith("data:audio/flac;base64,") for value in sources)
    raw = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "default-src 'none'" in raw
    assert not re.search(r"https?://|url\(|@import|//[a-z]+\.", raw)


def test_every_text_of_the_data_is_escaped(tmp_path):
    changes = dict.fromkeys(("transcript", "explicit", "implicit", "speaker", "language", "corpus"), HOSTILE)
    records = [replace(item, **changes, emotion_original=HOSTILE) for item in utterances()]
    folder = build(tmp_path / "<script>alert(3)<", records, left_out={HOSTILE: 1})
    made = page(folder, tmp_path / "page.html")
    assert (made.tags["script"], made.tags["img"]) == (1, 0)
    assert not [name for name, _ in made.attributes if name.startswith("on")]
    assert made.text.count("alert(1)") > 50
    assert "{{ 7 * 7 }}" in made.text
    assert {value for name, value in made.attributes if name == "data-language"} == {HOSTILE}


def test_errors_stand_before_warnings_with_their_places(tmp_path):
    folder = build(tmp_path / "toy", left_out={"silent": 4})
    (folder / "dev-000000.index.jsonl").write_text("{")
    made = page(folder, tmp_path / "page.html")
    kinds = [value for name, value in made.attributes if name == "data-kind"]
    assert kinds == ["index", "left_out"]
    assert "Broken: 1 kind of error; 1 kind of warning." in made.text
    assert "4 silent" in made.text
    assert made.text.index("Errors") < made.text.index("Warnings")


def test_a_folder_without_info_is_shown_all_the_same(tmp_path):
    folder = build(tmp_path / "toy")
    (folder / "info.json").unlink()
    made = page(folder, tmp_path / "page.html")
    assert "there is no info.json" in made.text
    assert made.tags["article"] == 14
    assert "low below" not in made.text


def test_a_corpus_without_any_measured_attribute(tmp_path):
    records = [replace(item, attributes=Attributes(), emotion=None) for item in utterances()]
    made = page(build(tmp_path / "toy", records), tmp_path / "page.html")
    assert made.text.count("no utterance has a value") == 3
    assert made.tags["article"] == 2


def test_more_speakers_than_rows_are_summed_up():
    tally = Tally()
    for number in range(SPEAKER_ROWS + 25):
        for _ in range(2 if number < SPEAKER_ROWS else 1):
            tally.add(record(number, 36.0, speaker=f"s{number}"))
    *rows, rest = speaker_rows(tally)
    assert len(rows) == SPEAKER_ROWS
    assert (rest.name, rest.part.utterances, rest.part.hours) == ("25 more", 25, 0.25)
