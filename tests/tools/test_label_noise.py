from collections import Counter

import pytest

from c2ser_lightning.emotions import EMOTIONS
from tests.shards import record
from tools.label_noise import noisy

RECORDS = [record(number, 1.0, key=f"utt{number}") for number in range(4000)]


@pytest.mark.parametrize("share", [0.0, 0.1, 0.2, 1.0])
def test_the_asked_share_of_labels_changes(share):
    changed = [one for one in RECORDS if noisy(one, share).emotion != one.emotion]
    assert len(changed) / len(RECORDS) == pytest.approx(share, abs=0.015)


def test_wrong_labels_are_spread_evenly_over_the_other_six():
    wrong = Counter(noisy(one, 1.0).emotion for one in RECORDS if one.emotion == "anger")
    assert set(wrong) == set(EMOTIONS) - {"anger"}
    assert all(count == pytest.approx(sum(wrong.values()) / 6, rel=0.35) for count in wrong.values())


def test_more_noise_keeps_what_less_noise_changed():
    less = {one.key: noisy(one, 0.1).emotion for one in RECORDS if noisy(one, 0.1) != one}
    assert less == {one.key: noisy(one, 0.2).emotion for one in RECORDS if one.key in less}


def test_only_labelled_training_utterances_change():
    for change in ({"split": "test"}, {"split": "dev"}, {"emotion": None}):
        kept = record(1, 1.0, **change)
        assert noisy(kept, 1.0) is kept
