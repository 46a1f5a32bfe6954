"""The rules of the rationale recipe, one by one, and a whole folder of shards through the tool."""

import json
from dataclasses import replace

import pytest

from c2ser_lightning.data.record import Levels
from c2ser_lightning.emotions import EMOTIONS
from tests.shards import members, record, write_tar
from tests.tools.teachers.chat_server import chat_server, completion
from tools.teachers.checker import Objection
from tools.teachers.exchange import TeacherError
from tools.teachers.prompts import SHIPPED, Prompts
from tools.teachers.rationale import check_rationale, may_have_rationale, strip_phrases, write_rationales
from tools.teachers.settings import TeacherSettings
from tools.write_rationales import main

EN = replace(record(0, 1.0), transcript="Leave me alone, you never listen.", levels=Levels("high", "high", "medium"))
ZH = replace(EN, language="zh", transcript="别来烦我，你从来不听。")
GOOD = (
    'The words "leave me alone" push the listener away, and the reproach "you never listen" blames them outright. The '
    "loud volume and the high pitch give the rejection its edge, while the moderate pace shows that it is said on "
    "purpose; the impression is strong."
)
GOOD_MANDARIN = (
    "“别来烦我”这句话把对方推开，后面的指责又把责任全推给了听者，语气毫不客气。较大的音量和高昂的语调让这种拒绝显得十分尖刻，"
    "而中等的语速说明这番话是有意说出来的，整体给人的印象相当强烈。"
)


def reasons(text, made=EN, language="en"):
    return {objection.reason for objection in check_rationale(text, made, language)}


def test_a_rationale_that_keeps_all_rules_is_accepted():
    assert check_rationale(GOOD, EN, "en") == []
    assert check_rationale(GOOD_MANDARIN, ZH, "zh") == []


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("rejection", "anger", "label_named"),
        ("rejection", "angriest outburst", "label_named"),
        ("on purpose", "in a frustrated way", "label_named"),
        ("loud volume", "soft volume", "loudness_contradicted"),
        ("moderate pace", "slow pace", "rate_contradicted"),
        ("blames them outright", "asks why?", "question"),
        ("you never listen", "I will tell your mother about it", "invented_words"),
        ('"leave me alone" push the listener away, and the reproach "you never listen"', "used", "no_quoted_evidence"),
        ("The loud volume and the high pitch give", "The voice gives", "no_acoustic_evidence"),
        ("The words", "As an AI I hear that the words", "meta_commentary"),
    ],
)
def test_each_broken_rule_is_named(old, new, reason):
    assert old in GOOD
    assert reason in reasons(GOOD.replace(old, new))


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("拒绝", "愤怒", "label_named"),
        ("拒绝", "怒火", "label_named"),
        ("较大的音量", "较小的音量", "loudness_contradicted"),
        ("“别来烦我”", "他的", "no_quoted_evidence"),
        ("相当强烈", "如何呢？", "question"),
    ],
)
def test_each_broken_rule_is_named_in_mandarin(old, new, reason):
    assert old in GOOD_MANDARIN
    assert reason in reasons(GOOD_MANDARIN.replace(old, new), ZH, "zh")


def test_length_has_two_bounds():
    assert reasons('"Leave me alone" at a high pitch and loud volume.') == {"too_short"}
    assert "too_long" in reasons(GOOD + " It goes on and on." * 60)
    assert "too_short" in reasons("“别来烦我”，语调高昂，音量较大。", ZH, "zh")


def test_a_label_in_the_speaker_s_own_words_may_not_be_quoted():
    made = replace(EN, transcript="I am so angry, leave me alone, you never listen.")
    assert reasons(GOOD, made) == set()
    assert "label_named" in reasons(GOOD.replace("leave me alone", "so angry"), made)


def test_fewer_measured_attributes_need_less_acoustic_evidence():
    made = replace(EN, levels=Levels(pitch="high"))
    assert reasons(GOOD, made) == {"loudness_unfounded", "rate_unfounded"}
    only_pitch = GOOD.replace("loud volume and the ", "").replace("moderate pace", "wording")
    assert reasons(only_pitch, made) == set()


@pytest.mark.parametrize(
    "wrapped",
    [
        "Well, you know, the pitch is high.",
        "Well, the pitch is high.",
        "the pitch, well, you know, is high.",
        "The pitch is high. What do you think about this?",
        "The pitch is high. If you want to talk more about this, feel free to share. Let me know!",
        "Sure! Here is the reasoning:\nThe pitch is high.",
    ],
)
def test_disallowed_phrases_are_stripped(wrapped):
    assert strip_phrases(wrapped) == "The pitch is high."


def test_well_inside_a_sentence_stays():
    assert strip_phrases("The pitch fits well. You know it.") == "The pitch fits well. You know it."


@pytest.mark.parametrize(
    "changes",
    [{"split": "test"}, {"split": "dev"}, {"emotion": None}, {"transcript": "..."}, {"levels": Levels()}],
)
def test_only_labelled_training_speech_with_evidence_gets_one(changes):
    assert may_have_rationale(EN)
    assert not may_have_rationale(replace(EN, **changes))


def test_the_template_cannot_reason():
    with pytest.raises(TeacherError, match="choose --teacher huggingface or endpoint"):
        next(write_rationales([EN], TeacherSettings(), SHIPPED))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_reason_has_a_complaint(language):
    every = set()
    for line in (SHIPPED / "complaints.en.txt").read_text().splitlines():
        if not line.startswith("#"):
            every.add(line.split(": ")[0])
    told = Prompts(language).complaint([Objection(reason, "pitch:low") for reason in sorted(every)])
    assert len(told.splitlines()) == len(every) + 2
    assert "$" not in told


@pytest.fixture
def shards(tmp_path):
    made = [
        replace(record(number, 0.2), transcript=f"you never listen to number {number}", emotion=EMOTIONS[number % 7])
        for number in range(6)
    ]
    write_tar(tmp_path / "shards" / "train-000000.tar", members(made))
    tests = [replace(item, key=f"t{item.key}", split="test") for item in made]
    write_tar(tmp_path / "shards" / "test-000000.tar", members(tests))
    return tmp_path / "shards", made


def reasoning(made):
    def behave(script, body, number):
        question = body["messages"][0]["content"]
        item = next(item for item in made if f'"{item.transcript}"' in question)
        if item.key == "utt005":
            return completion(f"It is plainly {item.emotion}.")
        if item.key == "utt004" and len(body["messages"]) == 1:
            return completion("Well, that is hard to tell.")
        return completion(
            f'Well, you know, the words "{item.transcript}" hold a complaint, and the fast pace together with the low '
            "pitch and the moderate volume makes it sound like one that was made many times before. What do you think?"
        )

    return behave


def test_the_tool_reads_the_training_split_alone_and_reports(shards, capsys):
    folder, made = shards
    with chat_server(made) as (script, url):
        script.behaviour = reasoning(made)
        main(["--shards", str(folder), "--teacher", "endpoint", "--teacher-model", "toy", "--teacher-url", url])
        sent = len(script.bodies)
        main(["--shards", str(folder), "--teacher", "endpoint", "--teacher-model", "toy", "--teacher-url", url])
        assert len(script.bodies) == sent == 4 + 2 + 3
    lines = [json.loads(line) for line in (folder / "rationales" / "rationales.jsonl").read_text().splitlines()]
    assert [line["key"] for line in lines] == [f"utt00{number}" for number in range(5)]
    assert all(line["rationale"].startswith("The words") for line in lines)
    assert all(line["rationale"].endswith("before.") for line in lines)
    assert "83.3% of 6 accepted (4 at once, 1 after a complaint), 1 fell back" in capsys.readouterr().out
    assert "label_named" in (folder / "rationales" / "fallbacks.jsonl").read_text()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--teacher", "template"], "invalid choice: 'template'"),
        ([], "the following arguments are required: --teacher"),
        (["--teacher", "endpoint"], "--teacher-url '' is no address"),
        (["--teacher", "endpoint", "--teacher-ulr", "x"], "did you mean --teacher-url?"),
        (["--teacher", "endpoint", "--shortest", "9", "--longest", "8"], "--shortest 9 is above --longest 8"),
    ],
)
def test_mistakes_end_with_status_2_and_say_what_is_right(options, message, shards, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["--shards", str(shards[0]), *options])
    assert stopped.value.code == 2
    assert message in capsys.readouterr().err


def test_a_folder_without_training_shards_is_named(tmp_path, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["--shards", str(tmp_path), "--teacher", "endpoint", "--teacher-url", "http://127.0.0.1:9/v1"])
    assert stopped.value.code == 2
    assert str(tmp_path) in capsys.readouterr().err
