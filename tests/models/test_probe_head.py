"""The probe's head against the arithmetic written out, and its blindness to padding."""

import pytest
import torch

from c2ser_lightning.models.probe_head import ProbeHead, ProbeHeadConfig

LENGTHS = [5, 9, 1]


def head(kind: str, normalize: str) -> ProbeHead:
    torch.manual_seed(0)
    return ProbeHead(ProbeHeadConfig(kind, hidden=6, normalize=normalize), dimension=4, classes=3)


def inputs() -> tuple[torch.Tensor, torch.Tensor]:
    valid = torch.arange(9) < torch.tensor(LENGTHS).unsqueeze(1)
    return 3.0 * torch.randn(3, 9, 4) + 1.0, valid


@pytest.mark.parametrize("kind", ["linear", "emobox"])
@pytest.mark.parametrize("normalize", ["frame", "utterance"])
@torch.no_grad()
def test_logits_are_the_arithmetic_written_out_for_each_utterance(kind, normalize):
    made, (frames, valid) = head(kind, normalize), inputs()
    logits = made(frames, valid)
    for row, length in enumerate(LENGTHS):
        own = frames[row, :length]
        over = (1,) if normalize == "frame" else (0, 1)
        mean, variance = own.mean(over, keepdim=True), own.var(over, correction=0, keepdim=True)
        own = (own - mean) / (variance + 1e-5).sqrt()
        if kind == "emobox":
            own = (own @ made.frame_layer.weight.T + made.frame_layer.bias).clamp_min(0)
        expected = made.classifier.weight @ own.mean(0) + made.classifier.bias
        torch.testing.assert_close(logits[row], expected, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("normalize", ["frame", "utterance"])
@torch.no_grad()
def test_what_stands_in_padding_has_no_influence(normalize):
    made, (frames, valid) = head("emobox", normalize), inputs()
    other = torch.where(valid.unsqueeze(2), frames, 100.0 * torch.randn_like(frames))
    torch.testing.assert_close(made(frames, valid), made(other, valid))
    longer = torch.cat([frames, torch.randn(3, 4, 4)], 1), torch.cat([valid, torch.zeros(3, 4, dtype=torch.bool)], 1)
    torch.testing.assert_close(made(*longer), made(frames, valid))


def test_half_precision_features_give_single_precision_logits_and_every_weight_a_gradient():
    made, (frames, valid) = head("emobox", "frame"), inputs()
    logits = made(frames.half(), valid)
    assert logits.dtype == torch.float32
    logits.sum().backward()
    assert all(weight.grad is not None for weight in made.parameters())


def test_only_what_is_named_is_trained():
    assert {name.partition(".")[0] for name, _ in head("linear", "frame").named_parameters()} == {"classifier"}
    assert {name.partition(".")[0] for name, _ in head("emobox", "frame").named_parameters()} == {
        "frame_layer",
        "classifier",
    }
