"""An auditory start for the first convolution: learned from random weights, pitch and timbre need hours of speech."""

import math

import torch
from torch import Tensor

SAMPLE_RATE = 16_000
LOWEST_HZ, HIGHEST_HZ = 60.0, 7600.0
LEAST_GAIN_HZ = 100.0


def gabor_filters(channels: int, kernel: int) -> Tensor:
    """Return sines and cosines under Gaussian windows, centred on the mel scale, as ``[channels, 1, kernel]``.

    A learnable front end that begins as a filter bank is what LEAF (Zeghidour et al., 2021) and SincNet (Ravanelli and
    Bengio, 2018) propose for little data. Neighbouring channels are a pair in quadrature, so that a rectified pair
    carries the energy of its band whatever the phase; bandwidths are the distances of the centres, as far as the kernel
    is long enough for them. Gains rise with frequency (pre-emphasis), because speech falls by about as much: without it
    low harmonics outweigh everything else in the layer norm that follows.

    Args:
        channels: Number of filters; the last of an odd number is a cosine.
        kernel: Length in samples at 16 kHz; 400 (25 ms) or more resolves the pitch of most voices.

    Returns:
        Filters whose mean energy is one.
    """
    edges = _from_mel(torch.linspace(_to_mel(LOWEST_HZ), _to_mel(HIGHEST_HZ), math.ceil(channels / 2) + 2))
    centres, bandwidths = edges[1:-1].unsqueeze(1), ((edges[2:] - edges[:-2]) / 2).unsqueeze(1)
    seconds = (torch.arange(kernel) - (kernel - 1) / 2) / SAMPLE_RATE
    # A Gaussian in time of deviation s has one of 1 / (2 pi s) in frequency, 2.355 of which are its half-power width.
    deviations = (2.355 / (2 * math.pi * bandwidths)).clamp_max(kernel / SAMPLE_RATE / 5)
    window = torch.exp(-0.5 * (seconds / deviations).square())
    phase = 2 * math.pi * centres * seconds
    pairs = torch.stack([window * phase.cos(), window * phase.sin()], dim=1).flatten(0, 1)[:channels]
    gains = centres.clamp_min(LEAST_GAIN_HZ).repeat_interleave(2, 0)[:channels]
    filters: Tensor = gains * pairs / pairs.norm(dim=1, keepdim=True)
    return (filters / filters.square().sum(1).mean().sqrt()).unsqueeze(1)


def _to_mel(hertz: float) -> float:
    return 2595.0 * math.log10(1.0 + hertz / 700.0)


def _from_mel(mel: Tensor) -> Tensor:
    return 700.0 * (10.0 ** (mel / 2595.0) - 1.0)
