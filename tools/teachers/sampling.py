"""Sampling whose outcome depends on the request alone, not on which requests share its batch."""

import torch
from torch import Tensor
from transformers import LogitsProcessor

from tools.teachers.settings import SamplingSettings


class SeededSampling(LogitsProcessor):
    """Adds each row's own Gumbel noise to its log-probabilities, so that taking the largest is sampling.

    ``argmax(log p + Gumbel)`` is distributed as ``p`` (Gumbel-max trick); with one generator a row, seeded by its
    request, a row draws the same alone and in any batch.
    """

    def __init__(self, settings: SamplingSettings, seeds: list[int], device: torch.device) -> None:
        """Sample with one seed per row."""
        self.temperature = settings.temperature
        self.top_p = settings.top_p
        self.generators = [torch.Generator(device).manual_seed(seed) for seed in seeds]

    def __call__(self, input_ids: Tensor, scores: Tensor) -> Tensor:
        """Return perturbed log-probabilities.

        Args:
            input_ids: Tokens so far ``[B, T]``; not looked at.
            scores: Logits of the next token ``[B, V]``.
        """
        log_probabilities = nucleus(torch.log_softmax(scores.float() / self.temperature, dim=-1), self.top_p)
        uniform = torch.stack(
            [torch.rand(scores.shape[1], generator=generator, device=scores.device) for generator in self.generators]
        )
        exponential = -torch.log(uniform.clamp_min(1e-20))
        return log_probabilities - torch.log(exponential.clamp_min(1e-20))


def nucleus(log_probabilities: Tensor, top_p: float) -> Tensor:
    """Set all but the likeliest tokens that together reach ``top_p`` to minus infinity.

    Args:
        log_probabilities: ``[B, V]``.
        top_p: Above 0; 1 keeps all.
    """
    if top_p >= 1:
        return log_probabilities
    ordered, places = log_probabilities.sort(dim=-1, descending=True)
    before = ordered.exp().cumsum(dim=-1) - ordered.exp()
    kept = ordered.masked_fill(before >= top_p, -torch.inf)
    return torch.empty_like(kept).scatter_(-1, places, kept)
