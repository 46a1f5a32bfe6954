"""What an answer did under a change, and which answers are shown."""

import pytest

from c2ser_lightning.report.predictions import Prediction
from tests.shards import record
from tools.groundedness.examples import examples, verdict
from tools.groundedness.probes import PROBES

BY_NAME = {probe.name: probe for probe in PROBES}


def said(text: str, emotion: str | None = "anger", number: int = 0) -> Prediction:
    return Prediction.of(record(number, 1.0), emotion, answer=text)


def pitch(level: str, number: int = 0) -> Prediction:
    return said(f"The pitch is {level}.", number=number)


@pytest.mark.parametrize(
    ("probe", "before", "after", "found"),
    [
        ("pitch +4 semitones", pitch("low"), pitch("high"), "followed"),
        ("pitch +4 semitones", pitch("medium"), pitch("low"), "went against"),
        ("pitch +4 semitones", pitch("medium"), pitch("medium"), "stayed"),
        ("pitch +4 semitones", pitch("high"), pitch("high"), None),
        ("pitch -4 semitones", pitch("high"), pitch("low"), "followed"),
        ("silence", said("It is angry."), said('They said: "so many words".', None), "invented"),
        ("silence", said("It is angry."), said("It is angry."), "invented"),
        ("silence", said("It is angry."), said("Nothing is heard.", None), None),
        ("acoustic vectors of another clip", said("a"), said("b", "fear"), "changed emotion"),
        ("acoustic vectors of another clip", said("a"), said("b"), "stayed"),
    ],
)
def test_verdicts(probe, before, after, found):
    assert verdict(BY_NAME[probe], before, after) == found


def test_two_of_different_verdicts_are_shown_and_the_telling_ones_first():
    probe = BY_NAME["pitch +4 semitones"]
    before = [pitch("medium", number) for number in range(9)]
    after = [pitch(level, number) for number, level in enumerate(["medium"] * 5 + ["low"] * 3 + ["high"])]
    shown = examples(probe, before, after)
    assert [one.verdict for one in shown] == ["followed", "went against"]
    assert (shown[0].key, shown[0].before, shown[0].after) == ("utt008", "The pitch is medium.", "The pitch is high.")
    assert examples(probe, before, after) == shown
