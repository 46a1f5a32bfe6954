import pytest
import torch
from torch import nn

from c2ser_lightning.models import offload
from c2ser_lightning.models.offload import OffloadedActivations


def gradients(model: nn.Module, value: torch.Tensor, *, offloaded: bool) -> list[torch.Tensor]:
    model.zero_grad()
    value = value.detach().requires_grad_()
    if offloaded:
        with OffloadedActivations(model):
            loss = model(value).square().sum()
    else:
        loss = model(value).square().sum()
    loss.backward()
    return [value.grad, *(weight.grad for weight in model.parameters() if weight.grad is not None)]


def model() -> nn.Module:
    made = nn.Sequential(nn.Linear(64, 64), nn.GELU(), nn.Linear(64, 64))
    made[0].requires_grad_(False)
    return made


def test_on_the_host_nothing_moves_and_gradients_are_equal(monkeypatch):
    monkeypatch.setattr(offload, "SMALLEST", 1)
    made, value = model(), torch.randn(8, 64)
    for plain, moved in zip(
        gradients(made, value, offloaded=False), gradients(made, value, offloaded=True), strict=True
    ):
        assert torch.equal(plain, moved)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_on_a_device_gradients_are_equal_and_memory_is_saved(monkeypatch):
    monkeypatch.setattr(offload, "SMALLEST", 1)
    made, value = nn.Sequential(*(model() for _ in range(20))).cuda(), torch.randn(4096, 64, device="cuda")
    results, peaks = [], []
    for offloaded in (False, True):
        torch.cuda.reset_peak_memory_stats()
        results.append([gradient.clone() for gradient in gradients(made, value, offloaded=offloaded)])
        peaks.append(torch.cuda.max_memory_allocated())
    for plain, moved in zip(*results, strict=True):
        assert torch.equal(plain, moved)
    assert peaks[1] < 0.6 * peaks[0]
