"""The probe on ready features remembers its best epoch, not its last."""

import torch

from c2ser_lightning.models.probe_head import ProbeHeadConfig
from c2ser_lightning.modules import FeatureProbe
from c2ser_lightning.modules.feature_probe import FeatureBatch


def probe(select_by: str = "ua") -> FeatureProbe:
    made = FeatureProbe(ProbeHeadConfig("emobox", 4), dimension=3, classes=3, learning_rate=1e-3, select_by=select_by)
    made.log = lambda *_, **__: None
    return made


def batch(labels: list[int]) -> FeatureBatch:
    frames = torch.randn(len(labels), 5, 3)
    return FeatureBatch(frames, torch.ones(len(labels), 5, dtype=torch.bool), torch.tensor(labels))


def answering(made: FeatureProbe, answers: list[list[int]]) -> None:
    """Let one validation epoch after another give these answers to the references 0, 0, 0, 1, 2, each new weights."""
    for epoch, given in enumerate(answers):
        torch.nn.init.constant_(made.head.classifier.bias, float(epoch))
        made.on_validation_epoch_start()
        made.forward = lambda _, given=given: torch.eye(3)[given]
        made.validation_step(batch([0, 0, 0, 1, 2]), 0)
        made.on_validation_epoch_end()


ALL_RIGHT_ON_THE_LARGE_CLASS = [0, 0, 0, 0, 0]
RIGHT_ON_THE_SMALL_ONES = [1, 1, 1, 1, 2]


def test_the_best_epoch_is_restored_and_of_equals_the_first():
    made = probe()
    answering(made, [ALL_RIGHT_ON_THE_LARGE_CLASS, RIGHT_ON_THE_SMALL_ONES, RIGHT_ON_THE_SMALL_ONES, [1, 2, 1, 2, 1]])
    assert abs(made.best_score - 2 / 3) < 1e-6
    made.restore_best()
    assert torch.equal(made.head.classifier.bias, torch.ones(3))


def test_the_score_that_selects_is_the_one_asked_for():
    made = probe("wa")
    answering(made, [ALL_RIGHT_ON_THE_LARGE_CLASS, RIGHT_ON_THE_SMALL_ONES])
    assert abs(made.best_score - 3 / 5) < 1e-6
    made.restore_best()
    assert torch.equal(made.head.classifier.bias, torch.zeros(3))


def test_counts_are_references_by_answers():
    made = probe()
    made.forward = lambda _: torch.eye(3)[[0, 2, 1, 1]]
    assert made.counts(batch([0, 0, 1, 2])).tolist() == [[1, 0, 1, 0], [0, 1, 0, 0], [0, 1, 0, 0]]
