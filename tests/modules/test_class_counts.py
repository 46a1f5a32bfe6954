import math

import pytest
import torch

from c2ser_lightning.emotions import EMOTION_INDEX, EMOTIONS
from c2ser_lightning.losses.imbalance import ImbalanceConfig
from c2ser_lightning.modules.class_counts import ClassCounts

COUNTS = ClassCounts({"anger": 30, "happiness": 60, "neutral": 110, "fear": 2})
BATCH = torch.tensor([EMOTION_INDEX["fear"], EMOTION_INDEX["neutral"], -1])


def test_rare_utterances_weigh_more_and_unlabelled_ones_one():
    fear, neutral, unlabelled = COUNTS.weights(BATCH, ImbalanceConfig("inverse")).tolist()
    assert fear / neutral == pytest.approx(110 / 2)
    assert unlabelled == 1.0


def test_without_weighting_or_counts_all_weigh_the_same():
    assert COUNTS.weights(BATCH, ImbalanceConfig()) is None
    assert ClassCounts().weights(BATCH, ImbalanceConfig("inverse")) is None


def test_shares_are_those_among_the_label_set_and_the_unseen_has_one():
    shares = COUNTS.log_shares(("anger", "fear")).tolist()
    assert shares == pytest.approx([math.log(30 / 32), math.log(2 / 32)])
    assert COUNTS.log_shares(EMOTIONS).isfinite().all()


def test_shares_without_counts_say_where_they_come_from():
    with pytest.raises(ValueError, match="logit_adjustment needs the counts"):
        ClassCounts().log_shares(EMOTIONS)
