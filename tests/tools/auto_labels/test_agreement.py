"""The rule, the table, kappa and the vote."""

import random
from collections import Counter

import pytest

from tools.auto_labels.agreement_table import AgreementTable, cohens_kappa
from tools.auto_labels.rule import Agreement, AgreementRule, Disagreement
from tools.auto_labels.text import judge, vote
from tools.auto_labels.verdict import Verdict


def test_the_rule():
    rule = AgreementRule(0.5, 0.6)
    speech = Verdict("anger", 0.7)
    agreed = rule.decide(speech, Verdict("anger", 0.8))
    assert isinstance(agreed, Agreement)
    assert (agreed.emotion, agreed.speech, agreed.text, agreed.confidence) == ("anger", 0.7, 0.8, 0.56)

    def reason(one, other):
        decision = rule.decide(one, other)
        assert isinstance(decision, Disagreement)
        assert "speech: " in decision.detail
        return decision.reason

    assert reason(speech, Verdict("fear", 0.9)) == "speech_and_text_differ"
    assert reason(Verdict("anger", 0.4), Verdict("anger", 0.9)) == "speech_unsure"
    assert reason(speech, Verdict("anger", 0.4)) == "text_unsure"
    assert reason(Verdict(None, reason="x"), Verdict(None, reason="y")) == "x"
    assert reason(speech, Verdict(None, reason="y")) == "y"


def test_vote_counts_missing_answers_against_and_a_tie_decides_nothing():
    assert vote(["anger", "anger", None, "fear", "anger"]) == Verdict("anger", 0.6)
    assert vote(["anger", "fear", "anger", "fear"]).reason == "text_undecided"
    assert vote([None, None]).reason == "no_text_label"


@pytest.mark.parametrize(
    ("answer", "emotion"),
    [("anger", "anger"), ("Sadness.", "sadness"), ('"fear"', "fear"), ("愤怒", "anger"), ("情绪：快乐。", "happiness")],
)
def test_an_answer_that_names_one_emotion(answer, emotion):
    assert judge(answer) == (emotion, [])


def test_an_answer_that_names_none_or_several():
    assert [objection.reason for objection in judge("I cannot tell")[1]] == ["no_emotion"]
    objections = judge("fear or anger")[1]
    assert [(o.reason, o.expected) for o in objections] == [("several_emotions", "anger, fear")]


def naive_kappa(pairs):
    chance = sum(
        sum(a == name for a, _ in pairs) / len(pairs) * sum(b == name for _, b in pairs) / len(pairs)
        for name in {name for pair in pairs for name in pair}
    )
    return (sum(a == b for a, b in pairs) / len(pairs) - chance) / (1 - chance)


def test_kappa_against_a_known_example_and_a_plain_count():
    # 50 proposals read by two people: po 0.7, pe 0.5, kappa 0.4.
    known = {("yes", "yes"): 20, ("yes", "no"): 5, ("no", "yes"): 10, ("no", "no"): 15}
    assert cohens_kappa(known) == pytest.approx(0.4)
    draw = random.Random(0)
    for _ in range(20):
        pairs = [(draw.choice("abcd"), draw.choice("abcd")) for _ in range(draw.randint(3, 40))]
        assert cohens_kappa(Counter(pairs)) == pytest.approx(naive_kappa(pairs))
    assert cohens_kappa({}) is None
    assert cohens_kappa({("a", "a"): 5}) is None


def test_the_table_counts_everything_and_kappa_only_pairs():
    table = AgreementTable()
    for pair in [("anger", "anger"), ("anger", "fear"), ("fear", "fear"), (None, "fear"), ("fear", None)]:
        table.add(*pair)
    lines = table.lines()
    assert lines[1].split() == ["anger", "1", "0", "0", "0", "0", "0", "1", "0", "2"]
    assert lines[-2].split() == ["all", "1", "0", "0", "0", "0", "0", "3", "1", "5"]
    assert lines[-1] == "both labelled 3, the same label on 2 (66.7%); Cohen's kappa 0.400"
    assert table.summary()["speech_by_text"]["none"] == {"fear": 1}
