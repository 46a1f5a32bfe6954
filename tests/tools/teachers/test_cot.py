"""The template as a teacher, and what write_cot does around any teacher."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.shards import record
from tests.tools.teachers.chat_server import chat_server, completion
from tools.cot_templates import CHINESE, write_texts
from tools.teachers.checker import check_explicit
from tools.teachers.cot import write_cot
from tools.teachers.settings import EndpointSettings, TeacherSettings


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from(["en", "zh", "pl", None]), max_size=12), st.integers(1, 5))
def test_the_template_writes_in_order_whatever_the_part_and_leaves_unlabelled_speech(tmp_path_factory, kinds, part):
    plain = [
        replace(
            record(number, 1.0), language=kind or "en", emotion="fear" if kind else None, explicit=None, implicit=None
        )
        for number, kind in enumerate(kinds)
    ]
    made, report = write_cot(plain, TeacherSettings(part=part), tmp_path_factory.getbasetemp() / "unused")
    assert [item.key for item in made] == [item.key for item in plain]
    assert [(item.explicit, item.implicit) for item in made] == [write_texts(item) or (None, None) for item in plain]
    assert report.utterances == sum(kind is not None for kind in kinds)
    assert not (tmp_path_factory.getbasetemp() / "unused").exists()


def test_all_in_english_on_request(tmp_path):
    made, _ = write_cot([replace(record(0, 1.0), language="zh")], TeacherSettings(language="english"), tmp_path)
    assert "fast pace" in made[0].explicit
    made, _ = write_cot([replace(record(0, 1.0), language="zh")], TeacherSettings(), tmp_path)
    assert CHINESE.pitch["low"] in made[0].explicit


def test_mandarin_speech_is_asked_for_and_checked_in_mandarin(tmp_path):
    item = replace(record(0, 1.0), language="zh", transcript="别来烦我。")
    explicit, implicit = write_texts(item)

    def behave(script, body, number):
        question = body["messages"][0]["content"]
        if len(body["messages"]) == 1:
            return completion(write_texts(replace(item, language="en"))["别来烦我" not in question])
        assert "没有全部用中文书写" in body["messages"][2]["content"]
        return completion(explicit if "别来烦我" in question else implicit)

    with chat_server([item]) as (script, url):
        script.behaviour = behave
        chosen = TeacherSettings("endpoint", "toy", endpoint=EndpointSettings(url))
        made, report = write_cot([item], chosen, tmp_path)
    assert (made[0].explicit, made[0].implicit) == (explicit, implicit)
    assert report.kind("explicit").accepted_later == report.kind("implicit").accepted_later == 1


def test_a_fallback_of_one_text_leaves_the_other_to_the_teacher(tmp_path):
    items = [record(number, 1.0) for number in range(3)]
    with chat_server(items) as (script, url):
        script.behaviour = lambda script, body, number: (
            completion("No idea.") if "word" in body["messages"][0]["content"].split("words:")[-1][:9] else None
        )
        chosen = TeacherSettings("endpoint", "toy", attempts=2, endpoint=EndpointSettings(url))
        made, report = write_cot(items, chosen, tmp_path)
    assert all(item.implicit == f"The speaker sounds full of {item.emotion}." for item in made)
    assert all(check_explicit(item.explicit, item, "en") == [] for item in made)
    assert report.kind("explicit").fallbacks == 3
    assert report.kind("implicit").fallbacks == 0
