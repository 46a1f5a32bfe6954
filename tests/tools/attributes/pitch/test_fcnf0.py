"""The fast network against penn's own."""

import pytest
import torch

from tools.attributes.pitch.fcnf0 import FRAMES, Fcnf0, SpectralConv
from tools.attributes.pitch.penn_tracker import import_penn


@pytest.fixture(scope="module")
def networks():
    penn = import_penn()
    reference = penn.Model()
    reference.load_state_dict(torch.load(penn.DEFAULT_CHECKPOINT, map_location="cpu", weights_only=True)["model"])
    return reference.eval(), Fcnf0(reference).eval()


def frames():
    phase = torch.arange(1024) * torch.linspace(60, 500, FRAMES)[:, None] * 2 * torch.pi / 8000
    return 0.1 * (phase.sin() + 0.5 * (2 * phase).sin() + 0.1 * torch.randn(FRAMES, 1024))


def test_same_logits_as_penn(networks):
    reference, fast = networks
    batch = frames()
    with torch.inference_mode():
        expected = reference(batch[:, None])[..., 0]
    torch.testing.assert_close(fast(batch), expected, atol=1e-4, rtol=1e-4)


def test_a_frame_has_the_same_bits_in_any_batch(networks):
    _, fast = networks
    batch = frames()
    order = torch.randperm(FRAMES)
    assert torch.equal(fast(batch)[order], fast(batch[order]))
    alone = torch.zeros_like(batch)
    alone[0] = batch[17]
    assert torch.equal(fast(alone)[0], fast(batch)[17])


@pytest.mark.parametrize(("length", "size"), [(40, 40), (40, 64), (33, 40), (90, 40), (481, 256)])
def test_convolution_by_spectra_is_the_convolution(length, size):
    conv = torch.nn.Conv1d(3, 5, 32)
    values = torch.randn(2, 3, length)
    with torch.no_grad():
        torch.testing.assert_close(SpectralConv(conv, size)(values), conv(values), atol=1e-5, rtol=1e-4)
