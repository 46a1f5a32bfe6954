import numpy as np
import pytest
import torch

from c2ser_lightning.models.emotion2vec import Emotion2Vec, Emotion2VecConfig
from c2ser_lightning.models.emotion2vec.filterbank import gabor_filters

RATE = 16_000
KERNEL = 400


def tone(hertz, phase=0.0):
    return torch.sin(2 * torch.pi * hertz * torch.arange(KERNEL) / RATE + phase)


def energies(wave, filters):
    """Energy of each quadrature pair, by NumPy."""
    response = filters[:, 0].double().numpy() @ wave.double().numpy()
    return np.square(response).reshape(-1, 2).sum(1)


def test_each_band_answers_best_to_its_own_frequency():
    filters = gabor_filters(32, KERNEL)
    spectrum = np.abs(np.fft.rfft(filters[::2, 0].numpy(), 8192))
    peaks = spectrum.argmax(1) * RATE / 8192
    assert np.all(np.diff(peaks) > 0)
    normed = filters / filters.flatten(1).norm(dim=1).view(-1, 1, 1)
    for band, hertz in enumerate(peaks):
        assert energies(tone(hertz), normed).argmax() == band


def test_energy_of_a_pair_hardly_depends_on_the_phase():
    filters = gabor_filters(32, KERNEL)
    found = [energies(tone(1000.0, phase), filters).max() for phase in np.linspace(0, 3, 7)]
    assert max(found) / min(found) < 1.01


@pytest.mark.parametrize("channels", [1, 7, 128])
def test_mean_energy_is_one_also_for_odd_counts(channels):
    filters = gabor_filters(channels, KERNEL)
    assert filters.shape == (channels, 1, KERNEL)
    assert filters.square().sum((1, 2)).mean().item() == pytest.approx(1.0)


def test_high_bands_are_lifted_by_six_decibels_an_octave():
    filters = gabor_filters(64, KERNEL)[::2, 0]
    spectrum = np.abs(np.fft.rfft(filters.numpy(), 8192))
    peaks = spectrum.argmax(1) * RATE / 8192
    norms = filters.norm(dim=1).numpy()
    low, high = np.abs(peaks - 1000).argmin(), np.abs(peaks - 4000).argmin()
    assert norms[high] / norms[low] == pytest.approx(peaks[high] / peaks[low], rel=0.05)


def test_an_encoder_starts_from_them_at_the_scale_of_random_weights():
    sizes = {
        "convolutions": [(32, KERNEL, 80), (32, 4, 4)],
        "embed_dim": 32,
        "prenet_depth": 1,
        "depth": 1,
        "heads": 4,
        "position_groups": 4,
    }
    torch.manual_seed(0)
    gabor = Emotion2Vec(Emotion2VecConfig(**sizes, first_filters="gabor")).local.convolutions
    random = Emotion2Vec(Emotion2VecConfig(**sizes)).local.convolutions
    scale = random[0].weight.flatten(1).norm(dim=1).mean()
    torch.testing.assert_close(gabor[0].weight / scale, gabor_filters(32, KERNEL), rtol=0.05, atol=1e-3)
    assert gabor[0].weight.norm().item() == pytest.approx(random[0].weight.norm().item(), rel=0.05)
    assert gabor[1].weight.std().item() == pytest.approx(random[1].weight.std().item(), rel=0.1)
