"""The plain way and the fast way are the same computation, so that timing one against the other means something."""

import pytest
import torch

from benchmarks.plain_emotion2vec import Shortcuts, plain_objectives
from c2ser_lightning.modules import Emotion2VecS
from tests.modules.test_emotion2vec_s import STILL, module, trainable
from tests.tiny import batch


def generator() -> torch.Generator:
    return torch.Generator().manual_seed(3)


def still() -> Emotion2VecS:
    """A module without any randomness but the masks."""
    made = module(sizes=STILL).eval()
    made.masking.noise_std = 0.0
    return made


@pytest.mark.parametrize(
    "shortcuts", [Shortcuts(), Shortcuts(shared_local=True), Shortcuts(shared_teacher=True, fused_attention=True)]
)
def test_losses_and_gradients_are_those_of_the_fast_step(shortcuts):
    results = []
    for objectives in (
        lambda model, data: model.objectives(data, generator()),
        lambda model, data: plain_objectives(model, data, generator(), shortcuts),
    ):
        model = still()
        losses = objectives(model, batch([0.5, 0.4, 0.5], emotion="fear"))
        torch.stack(list(losses.shares(model.objective).values())).sum().backward()
        results.append((losses, {name: weight.grad for name, weight in trainable(model).items()}))
    (fast, fast_gradients), (plain, plain_gradients) = results
    for name in ("frame", "utterance", "category", "target_spread", "prediction_spread"):
        torch.testing.assert_close(getattr(plain, name), getattr(fast, name), atol=1e-5, rtol=1e-4)
    for name, gradient in fast_gradients.items():
        scale = float(gradient.abs().max())
        torch.testing.assert_close(plain_gradients[name], gradient, atol=1e-3 * scale + 1e-6, rtol=1e-3, msg=name)


def test_the_plain_way_really_repeats_its_work(monkeypatch):
    from benchmarks import plain_emotion2vec
    from c2ser_lightning.models.emotion2vec.teacher import Teacher

    calls = []
    front_end, targets = plain_emotion2vec._plain_front_end, Teacher.targets
    monkeypatch.setattr(plain_emotion2vec, "_plain_front_end", lambda *a: calls.append("local") or front_end(*a))
    monkeypatch.setattr(Teacher, "targets", lambda *a: calls.append("teacher") or targets(*a))
    model = still()
    plain_objectives(model, batch([0.5]), generator(), Shortcuts())
    assert calls == ["local", "teacher"] * model.masking.clones
    calls.clear()
    plain_objectives(model, batch([0.5]), generator(), Shortcuts(shared_local=True, shared_teacher=True))
    assert calls == ["local", "teacher"]
