"""The plain way is the same computation as ours, so that timing one against the other means something."""

import torch

from benchmarks.plain_c2ser import ThirtySeconds, plain_loss
from c2ser_lightning.models.connector import ConnectorSettings
from c2ser_lightning.models.language_model import LanguageModelSettings, LoraSettings
from tests.models.test_c2ser import ACOUSTIC, PROMPTS, SECONDS, TEXTS, WHISPER, build, folder, speech  # noqa: F401

TURNS = [PROMPTS.turn("explicit")] * 8


def test_loss_and_gradients_are_those_of_the_fast_step(folder):  # noqa: F811
    results = []
    for way in (lambda m: plain_loss(m, speech(SECONDS), TURNS, TEXTS[:8])[0],
                lambda m: m.answer_loss(speech(SECONDS), TURNS, TEXTS[:8]).loss):  # fmt: skip
        model = build(folder)
        loss = way(model)
        loss.backward()
        results.append((loss, model.connector.output.weight.grad))
    torch.testing.assert_close(results[0], results[1], atol=1e-5, rtol=1e-3)


@torch.no_grad()
def test_the_thirty_second_way_reads_thirty_seconds(folder):  # noqa: F811
    settings = LanguageModelSettings(source=str(folder), lora=LoraSettings(dropout=0.0), dtype="float32")
    model = ThirtySeconds(WHISPER, ACOUSTIC, ConnectorSettings(layers=1, ffn=64, dropout=0.0), settings).eval()
    vectors, counts = model.perceive(speech([0.8, 0.5]))
    assert counts == [2 + 10 + 375] * 2
    assert vectors.shape[1] == 2 + 10 + 375
    assert plain_loss(model, speech([0.8, 0.5]), TURNS[:2], TEXTS[:2])[0].isfinite()
