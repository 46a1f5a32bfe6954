from dataclasses import replace

import pytest

from c2ser_lightning.data.record import Levels
from tests.shards import record
from tools.teachers.checker import Objection
from tools.teachers.exchange import TeacherError
from tools.teachers.prompts import SHIPPED, Prompts, answer_language

RECORD = replace(record(0, 1.0), transcript="It costs $emotion {5}.", levels=Levels("low", None, "high"))


def question(language, kind, made=RECORD):
    return Prompts(language).request(kind, made).messages[0].content


def test_facts_are_filled_in_and_unknown_ones_left_out():
    text = question("en", "explicit")
    assert "- speaking rate: fast pace" in text
    assert "- pitch: low pitch" in text
    assert "volume:" not in text
    assert '- words: "It costs $emotion {5}."' in text
    assert "- emotion: anger" in text


def test_mandarin_facts_are_in_mandarin():
    text = question("zh", "explicit")
    assert "- 语速：较快的语速" in text
    assert "愤怒" in text
    assert "音量：" not in text


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_implicit_prompt_tells_the_emotion_alone(language):
    text = question(language, "implicit")
    assert RECORD.transcript not in text
    assert "$" not in text


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("kind", ["explicit", "implicit", "rationale"])
def test_shipped_prompts_hold_known_placeholders_alone(language, kind):
    Prompts(language).check(kind)
    assert "$" not in question(language, kind, replace(RECORD, transcript="x"))


def test_complaints_are_worded():
    told = Prompts("en").complaint([Objection("pitch_missing", "pitch:low"), Objection("emotion_missing", "anger")])
    assert "- It does not say that there is a low pitch." in told
    assert "- It does not state the emotion anger." in told
    assert "愤怒" in Prompts("zh").complaint([Objection("emotion_missing", "anger")])


def test_a_folder_of_one_s_own_replaces_single_prompts(tmp_path):
    (tmp_path / "implicit.en.txt").write_text("Say $emotion.")
    prompts = Prompts("en", tmp_path)
    assert prompts.request("implicit", RECORD).messages[0].content == "Say anger."
    assert prompts.request("explicit", RECORD) == Prompts("en").request("explicit", RECORD)


def test_an_unknown_placeholder_stops_before_the_first_question(tmp_path):
    (tmp_path / "implicit.en.txt").write_text("Say $emotoin.")
    with pytest.raises(TeacherError, match=r"implicit\.en\.txt: no placeholder \$emotoin; there are \$emotion"):
        Prompts("en", tmp_path).check("implicit")


def test_the_language_of_an_answer():
    assert answer_language(replace(RECORD, language="zh"), "transcript") == "zh"
    assert answer_language(replace(RECORD, language="zh"), "english") == "en"
    assert answer_language(replace(RECORD, language="it"), "transcript") == "en"


def test_every_prompt_exists_in_both_languages():
    names = {path.name.split(".")[0] for path in SHIPPED.glob("*.txt")}
    assert {path.name for path in SHIPPED.glob("*.txt")} == {
        f"{name}.{code}.txt" for name in names for code in ("en", "zh")
    }
