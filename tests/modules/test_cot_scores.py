"""Scored emotions: a distribution, the same in any batch, and what calibration takes out."""

import pytest
import torch

from c2ser_lightning.data.batch import silence
from c2ser_lightning.emotions import EMOTIONS
from c2ser_lightning.modules.cot import ExplicitCoT
from tests.strategies.jobs import module, prepare
from tests.tiny import batch


@pytest.fixture(scope="module")
def trained(tmp_path_factory) -> ExplicitCoT:
    folder = tmp_path_factory.mktemp("scores")
    prepare(folder)
    made = module(folder)
    made.configure_model()
    return made.eval()


@torch.no_grad()
@pytest.mark.parametrize("prior", ["none", "silence"])
@pytest.mark.parametrize("per_token", [False, True])
@pytest.mark.parametrize("whole", [False, True])
def test_scores_are_a_distribution_that_does_not_depend_on_the_batch(trained, prior, per_token, whole):
    trained.answering.prior, trained.answering.per_token, trained.answering.whole = prior, per_token, whole
    together = trained.scores(batch([0.5, 0.8, 0.4]), EMOTIONS)
    torch.testing.assert_close(together.exp().sum(1), torch.ones(3))
    for row, seconds in enumerate((0.5, 0.8, 0.4)):
        tones = batch([0.5, 0.8, 0.4])
        length = tones.lengths[row]
        alone = batch([seconds])
        alone.waveforms = tones.waveforms[row : row + 1, :length]
        torch.testing.assert_close(trained.scores(alone, EMOTIONS)[0], together[row], atol=1e-3, rtol=0)


@torch.no_grad()
def test_calibration_leaves_no_preference_on_silence(trained):
    trained.answering.prior = "none"
    preferred = trained.scores(silence(), EMOTIONS)
    assert preferred.std() > 1e-4
    trained.answering.prior = "silence"
    torch.testing.assert_close(trained.scores(silence(), EMOTIONS), torch.full((1, 7), 1 / 7).log())


@torch.no_grad()
def test_nobody_waits_for_an_empty_batch(trained):
    empty = batch([])
    assert trained.answers(empty) == []
    assert trained._idle(empty)
