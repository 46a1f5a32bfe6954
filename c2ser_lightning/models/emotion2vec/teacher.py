"""The teacher: an exponential moving average of the student's context network, and the targets it sets."""

import copy
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from c2ser_lightning.models.emotion2vec.context import ContextNetwork


@dataclass
class TeacherConfig:
    """Schedule of the moving average and choice of targets (released settings of emotion2vec_base).

    Attributes:
        decay: Decay at the first step.
        end_decay: Decay from ``anneal_steps`` on.
        anneal_steps: Optimizer steps over which the decay rises linearly.
        top_k_layers: Main blocks, counted from the last, whose feed-forward outputs are averaged into targets.
    """

    decay: float = 0.999
    end_decay: float = 0.99999
    anneal_steps: int = 20_000
    top_k_layers: int = 8

    def decay_at(self, step: int) -> float:
        """Return the decay of an optimizer step."""
        if step >= self.anneal_steps:
            return self.end_decay
        return self.decay + (self.end_decay - self.decay) * step / self.anneal_steps


class Teacher(nn.Module):
    """A float32 copy of the student's context network that follows it slowly and never gets a gradient."""

    def __init__(self, student: ContextNetwork, config: TeacherConfig) -> None:
        """Copy the student."""
        super().__init__()
        self.config = config
        self.context = copy.deepcopy(student).float().requires_grad_(False)
        self.eval()

    def train(self, mode: bool = True) -> "Teacher":
        """Stay in eval mode, whatever is asked for."""
        return super().train(False)

    @torch.no_grad()
    def update(self, student: ContextNetwork, step: int) -> None:
        """Move towards the student by one step of the average."""
        weight = 1.0 - self.config.decay_at(step)
        for own, theirs in zip(self.context.parameters(), student.parameters(), strict=True):
            own.lerp_(theirs.float(), weight)

    @torch.no_grad()
    def targets(self, local: Tensor, padding_mask: Tensor | None) -> Tensor:
        """Return the targets of every frame.

        Args:
            local: The student's local features ``[B, T, D]``.
            padding_mask: ``[B, T]``, True where padded.

        Returns:
            ``[B, T, D]``: the mean over the top layers of the feed-forward outputs, each normalised over the valid
            frames of its utterance, channel by channel (``instance_norm_target_layer``).
        """
        results = self.context(local.float(), padding_mask).layer_results[-self.config.top_k_layers :]
        tokens = self.context.config.extra_tokens
        normalised = [instance_norm(result[:, tokens:], padding_mask) for result in results]
        return torch.stack(normalised).mean(0)


def instance_norm(frames: Tensor, padding_mask: Tensor | None, eps: float = 1e-5) -> Tensor:
    """Normalise ``[B, T, D]`` over the valid frames of each utterance; padded frames become zero."""
    frames = frames.float()
    valid = torch.ones_like(frames[..., :1])
    if padding_mask is not None:
        valid = (~padding_mask).unsqueeze(2).to(frames.dtype)
    count = valid.sum(1, keepdim=True).clamp_min(1.0)
    centred = (frames - (frames * valid).sum(1, keepdim=True) / count) * valid
    variance = centred.square().sum(1, keepdim=True) / count
    return centred * (variance + eps).rsqrt()
