"""The merge: unanimous only, so many per class, every drop-out with its reason."""

from collections import Counter

import pytest

from c2ser_lightning.emotions import EMOTIONS
from tests.tools.emo_emilia.made import candidate, review
from tools.emo_emilia.merge import merge

MANY = [candidate(number) for number in range(14 * 5)]
TRUE = [one.emotion for one in MANY]
NAMES = ("ann", "bo", "chen", "dee")


def reviews(*changed):
    """Four reviewers who hear the automatic label but for ``(reviewer, place, answer)``."""
    answers = {name: list(TRUE) for name in NAMES}
    for name, place, answer in changed:
        answers[name][place] = answer
    return [review(name, MANY, answers[name]) for name in NAMES]


def test_only_what_all_agree_on_is_kept_with_their_label():
    changes = [("ann", 0, "fear"), ("bo", 3, None), *((name, 5, "disgust") for name in NAMES)]
    merged = merge(MANY, reviews(*changes), 5, 0)
    dropped = {skip.key: (skip.reason, skip.detail) for skip in merged.dropped}
    # 5 is disgust now, and there are five others of disgust already: one of the six is surplus.
    surplus = [key for key, (reason, _) in dropped.items() if reason == "surplus"]
    assert len(surplus) == 1
    assert dropped == {
        MANY[0].index: ("not_unanimous", "3 anger, 1 fear"),
        MANY[3].index: ("unsure", "3 happiness, 1 unsure"),
        surplus[0]: ("surplus", "disgust en is full"),
    }
    assert len(merged.kept) + len(dropped) == len(MANY)
    assert merged.relabelled == 1
    assert merged.quota.shortages == {("anger", "zh"): 1, ("happiness", "en"): 1, ("neutral", "en"): 1}
    assert [(one.reviewer, one.unsure, one.alone) for one in merged.reviewers] == [
        ("ann", 0, 1),
        ("bo", 1, 0),
        ("chen", 0, 0),
        ("dee", 0, 0),
    ]
    assert 0.9 < merged.alphas["all"] < 1
    assert merged.alphas["en"] == pytest.approx(1.0)
    assert "too few: anger zh: 4 of 5" in merged.lines()
    assert sum(merged.summary()["dropped"].values()) == 3


def test_classes_are_balanced_and_the_draw_is_the_seed_s():
    merged = merge(MANY, reviews(), 3, 0)
    assert set(Counter((one.emotion, one.language) for one in merged.kept).values()) == {3}
    assert len(merged.kept) == 42
    assert merge(MANY[::-1], reviews(), 3, 0).kept == merged.kept
    assert merge(MANY, reviews(), 3, 1).kept != merged.kept


def test_equal_cuts_all_classes_to_the_smallest():
    changes = [("ann", 0, "fear"), ("ann", 14, "fear")]
    assert TRUE[0] == TRUE[14] == EMOTIONS[0]
    merged = merge(MANY, reviews(*changes), 5, 0, equal=True)
    assert set(Counter((one.emotion, one.language) for one in merged.kept).values()) == {3}
    assert merged.quota.shortages == {("anger", "zh"): 2}
