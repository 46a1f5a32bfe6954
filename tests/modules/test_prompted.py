"""Systems that are asked in words: which question is theirs, and that the wording reaches the language model."""

import pytest
import torch

from c2ser_lightning.emotions import EMOTIONS
from c2ser_lightning.modules import EmotionProbe
from c2ser_lightning.modules.prompted import Prompted
from tests.strategies.jobs import module, prepare
from tests.tiny import batch


@pytest.fixture(scope="module")
def explicit(tmp_path_factory):
    folder = tmp_path_factory.mktemp("prompted")
    prepare(folder)
    made = module(folder)
    made.configure_model()
    return made.eval()


def test_generated_and_scored_answers_have_questions_of_their_own(explicit):
    explicit.prompts.explicit, explicit.prompts.implicit = ["why", "how"], "what"
    explicit.answering.method = "generate"
    assert isinstance(explicit, Prompted)
    assert explicit.wordings() == ["why", "how"]
    explicit.answering.method = "score"
    assert explicit.wordings() == ["what"]
    explicit.ask_with("which")
    assert (explicit.prompts.explicit, explicit.wordings()) == (["why", "how"], ["which"])
    assert not isinstance(EmotionProbe, Prompted)


@torch.no_grad()
def test_the_wording_is_what_is_asked(explicit):
    explicit.answering.method = "score"
    explicit.ask_with("Please describe.")
    before = explicit.scores(batch([0.5]), EMOTIONS)
    explicit.ask_with("The speaker spoke fast: what is the emotion?")
    assert (explicit.scores(batch([0.5]), EMOTIONS) - before).abs().max() > 1e-4
    explicit.ask_with("Please describe.")
    torch.testing.assert_close(explicit.scores(batch([0.5]), EMOTIONS), before)


def test_features_are_kept_once_everything_is_frozen(explicit):
    explicit.c2ser.whisper.encoder.requires_grad_(True)
    assert explicit.c2ser.whisper.varies
    explicit.freeze()
    assert not explicit.c2ser.whisper.varies
