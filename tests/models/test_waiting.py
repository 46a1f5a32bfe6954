"""A training step never waits for the device: it runs on 'meta', where a value that is asked for does not exist."""

from dataclasses import replace

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from c2ser_lightning.models.c2ser import C2SER
from c2ser_lightning.models.speech import Speech
from tests.models.test_c2ser import PROMPTS, SECONDS, TEXTS, WHISPER, build, folder, speech  # noqa: F401 - a fixture

META = torch.device("meta")


class BlockingCopies(TorchDispatchMode):
    """Counts copies between host and device for which the host would wait."""

    def __init__(self):
        super().__init__()
        self.found = []

    def __torch_dispatch__(self, function, types, arguments=(), options=None):
        options = options or {}
        made = function(*arguments, **options)
        moved = function is torch.ops.aten._to_copy.default and arguments[0].device != made.device
        if moved and not options.get("non_blocking"):
            self.found.append(function)
        return made


@pytest.fixture
def no_direct_tensors(monkeypatch):
    """torch.tensor(list, device=...) waits as well, and dispatches nothing that could be counted."""
    plain = torch.tensor

    def tensor(data, *arguments, device=None, **options):
        assert device is None or torch.device(device) != META, "torch.tensor(..., device=...) waits for the device"
        return plain(data, *arguments, device=device, **options)

    monkeypatch.setattr(torch, "tensor", tensor)


def on_meta(model: C2SER) -> tuple[C2SER, Speech]:
    said = speech(SECONDS)
    return model.to(META).train(), replace(
        said, waveforms=said.waveforms.to(META), padding_mask=said.padding_mask.to(META)
    )


@pytest.mark.parametrize(("width", "whisper"), [(0, WHISPER), (300, WHISPER), (0, replace(WHISPER, pad_to_30s=True))])
def test_forward_and_backward_ask_for_no_value(folder, no_direct_tensors, width, whisper):  # noqa: F811
    model, said = on_meta(build(folder, whisper))
    model.language_model.pack_width = width
    with BlockingCopies() as copies:
        model.answer_loss(said, [PROMPTS.turn("explicit")] * 8, TEXTS[:8]).loss.backward()
    assert copies.found == []
    assert model.connector.output.weight.grad.device == META


def test_frozen_encoders_build_no_graph(folder):  # noqa: F811
    model = build(folder).train()
    for features, _ in (model._semantic(speech(SECONDS)), model._acoustic(speech(SECONDS))):
        assert features.grad_fn is None
