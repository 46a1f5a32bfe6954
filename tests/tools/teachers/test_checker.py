"""The template's own text always passes; each single contradiction or omission fails, for the reason it should."""

from dataclasses import replace

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from c2ser_lightning.data.record import LEVELS, Levels
from c2ser_lightning.emotions import EMOTIONS
from c2ser_lightning.text.quotations import words_of
from tests.shards import record
from tools.cot_templates import write_texts
from tools.teachers.checker import check_explicit, check_implicit, clean

levels = st.builds(Levels, *[st.sampled_from([*LEVELS, None])] * 3)
known_levels = st.builds(Levels, *[st.sampled_from(LEVELS)] * 3)
TRAPS = st.sampled_from(
    [
        "A low pitch, not anger!",
        'He said "no, I am happy" twice',
        "It's loud; don't shout.",
        "声音太大了，我很高兴。",
        "语速快",
        "“好。”",
        "low",
        "$emotion {emotion}",
        "...",
        "Więc mówisz, że żałujesz?",
        "'tis slow",
    ]
)
records = st.builds(
    lambda key, language, emotion, transcript, levels: replace(
        record(0, 1.0), key=f"k{key}", language=language, emotion=emotion, transcript=transcript, levels=levels
    ),
    st.integers(0, 9),
    st.sampled_from(["en", "zh", "pl"]),
    st.sampled_from(EMOTIONS),
    st.one_of(TRAPS, st.text(max_size=60)),
    levels,
)
known_records = st.builds(lambda made, levels: replace(made, levels=levels), records, known_levels)


def language_of(made):
    return "zh" if made.language == "zh" else "en"


def reasons(made, text=None):
    explicit = write_texts(made)[0] if text is None else text
    return {objection.reason for objection in check_explicit(explicit, made, language_of(made))}


@settings(max_examples=400, deadline=None)
@given(records)
def test_the_template_s_own_texts_always_pass(made):
    explicit, implicit = write_texts(made)
    assert check_explicit(explicit, made, language_of(made)) == []
    assert check_implicit(implicit, made, language_of(made)) == []
    assert clean(explicit) == " ".join(explicit.split("\n")) or "\n" in explicit or not made.transcript.isprintable()


@settings(max_examples=150, deadline=None)
@given(known_records, st.sampled_from(["pitch", "loudness", "rate"]), st.sampled_from(LEVELS))
def test_one_other_level_is_a_contradiction(made, attribute, level):
    assume(getattr(made.levels, attribute) != level)
    told = replace(made, levels=replace(made.levels, **{attribute: level}))
    assert reasons(made, write_texts(told)[0]) == {f"{attribute}_contradicted"}


@settings(max_examples=100, deadline=None)
@given(known_records, st.sampled_from(["pitch", "loudness", "rate"]))
def test_a_level_left_out_is_missed_and_one_made_up_is_unfounded(made, attribute):
    without = replace(made, levels=replace(made.levels, **{attribute: None}))
    assert reasons(made, write_texts(without)[0]) == {f"{attribute}_missing"}
    assert reasons(without, write_texts(made)[0]) == {f"{attribute}_unfounded"}


@settings(max_examples=100, deadline=None)
@given(known_records, st.sampled_from(EMOTIONS))
def test_another_emotion_is_a_contradiction(made, emotion):
    assume(emotion != made.emotion)
    explicit, implicit = write_texts(replace(made, emotion=emotion))
    assert reasons(made, explicit) == {"emotion_missing", "emotion_contradicted"}
    found = check_implicit(implicit, made, language_of(made))
    assert {objection.reason for objection in found} == {"emotion_missing", "emotion_contradicted"}


@settings(max_examples=150, deadline=None)
@given(known_records, st.integers(0, 100))
@example(replace(record(0, 1.0), transcript="low", levels=Levels("low", "low", "low")), 0)
def test_words_left_out_or_changed_are_noticed(made, place):
    said = words_of(made.transcript)
    assume(said)
    lost = said[place % len(said)]
    changed = made.transcript[: lost.start] + "Q7" + made.transcript[lost.end :]
    assert "transcript_missing" in reasons(made, write_texts(replace(made, transcript=changed))[0])
    assert "transcript_missing" in reasons(made, write_texts(replace(made, transcript=""))[0])


EN = replace(
    record(0, 1.0), transcript="Leave me alone, now.", levels=Levels(pitch="low", loudness="medium", rate="high")
)
ZH = replace(EN, language="zh", transcript="别来烦我。")
GOOD_ENGLISH = [
    "The speaker talked rapidly, with a low-pitched tone and a moderate volume: “leave me alone now”. Based on these "
    "characteristics, the emotion was inferred to be anger, revealing irritation at the listener.",
    "At a fast pace, with the volume at a moderate level and a pitch that is relatively low, the speaker says "
    "'Leave me alone, now.' The words \"leave me\" push the listener away, so the emotion is anger.",
    'The speaking rate is high, the pitch low and the loudness medium. "LEAVE ME ALONE NOW!" The emotion is "anger".',
    'Pitch: low, volume: moderate, speed: fast. "Leave me alone, now." Therefore the emotion is anger, not sadness.',
    'The rate was fast rather than slow, with moderate energy and a low, monotone pitch. They said, "Leave me alone, '
    'now." From this, anger is inferred.',
]
GOOD_MANDARIN = [
    "说话者语速较快，音调低沉，音量适中，说道：“别来烦我。”由此推测情绪为愤怒。",
    "这段语音的语速是偏快的，语调较低，音量处于中等水平：“别来烦我”，综合判断情绪为生气。",
    "说话人以快速的语速、低沉的语调和中等的音量说：「别来烦我！」因此推断情绪是愤怒。",
]


@pytest.mark.parametrize("text", GOOD_ENGLISH)
def test_other_ways_to_say_it_pass_in_english(text):
    assert check_explicit(text, EN, "en") == []


@pytest.mark.parametrize("text", GOOD_MANDARIN)
def test_other_ways_to_say_it_pass_in_mandarin(text):
    assert check_explicit(text, ZH, "zh") == []


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("rapidly", "slowly", "rate_contradicted"),
        ("rapidly", "", "rate_missing"),
        ("low-pitched", "high-pitched", "pitch_contradicted"),
        ("low-pitched", "not low-pitched", "pitch_missing"),
        ("a low-pitched tone", "a low to high pitch", "pitch_contradicted"),
        ("moderate volume", "loud volume", "loudness_contradicted"),
        ("moderate volume", "warm voice", "loudness_missing"),
        ("be anger", "be not anger", "emotion_contradicted"),
        ("revealing irritation", "with some sadness", "emotion_contradicted"),
        ("leave me alone now", "leave me alone", "transcript_missing"),
        ("“leave me alone now”", "leave me alone now", "transcript_missing"),
        ("at the listener", "at “the neighbour who always rings”", "invented_words"),
        ("The speaker", "In anger, the speaker", "emotion_before_evidence"),
        ("The speaker", "As an AI, I think the speaker", "meta_commentary"),
        ("the listener", "听者", "wrong_language"),
    ],
)
def test_one_fault_is_found_and_named_in_english(old, new, reason):
    assert old in GOOD_ENGLISH[0]
    assert reason in reasons(EN, GOOD_ENGLISH[0].replace(old, new))


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("语速较快", "语速较慢", "rate_contradicted"),
        ("语速较快，", "", "rate_missing"),
        ("音调低沉", "音调高昂", "pitch_contradicted"),
        ("音调低沉", "音调不低", "pitch_missing"),
        ("音量适中", "音量很大", "loudness_contradicted"),
        ("音量适中", "声音洪亮", "loudness_contradicted"),
        ("愤怒", "悲伤", "emotion_contradicted"),
        ("别来烦我", "别来找我", "transcript_missing"),
        ("由此推测情绪为愤怒", "The emotion is anger, clearly, as one can hear", "wrong_language"),
    ],
)
def test_one_fault_is_found_and_named_in_mandarin(old, new, reason):
    assert old in GOOD_MANDARIN[0]
    assert reason in reasons(ZH, GOOD_MANDARIN[0].replace(old, new))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("The fast pace conveys anger.", "not_implicit"),
        ("“Leave me alone, now.” This conveys anger.", "not_implicit"),
        ("This speech conveys something.", "emotion_missing"),
        ("It conveys anger " + "and again " * 30, "too_long"),
        ("", "empty"),
    ],
)
def test_an_implicit_text_is_short_and_names_the_emotion_only(text, reason):
    assert reason in {objection.reason for objection in check_implicit(text, EN, "en")}


def test_an_implicit_text_in_other_words_passes():
    assert check_implicit("The speaker sounds angry.", EN, "en") == []
    assert check_implicit("说话者显得很生气。", ZH, "zh") == []


@pytest.mark.parametrize(
    "wrapped",
    [
        "Sure! Here is the description:\nIt is anger.",
        "<think>pitch is\n high</think>\n\nIt is anger.",
        "```text\nIt is anger.\n```",
        '"It is anger."',
        "  It is\nanger. ",
        "Here's a description: It is anger.",
    ],
)
def test_what_chat_models_put_around_a_text_is_stripped(wrapped):
    assert clean(wrapped) == "It is anger."
