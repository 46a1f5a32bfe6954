"""The part of Emotion2Vec that a teacher mirrors: positions, extra tokens, prenet and main Transformer."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from c2ser_lightning.models.emotion2vec.blocks import Block
from c2ser_lightning.models.emotion2vec.config import Emotion2VecConfig
from c2ser_lightning.models.emotion2vec.masking import Mask, take
from c2ser_lightning.models.emotion2vec.positions import Alibi, RelativePositions


@dataclass(slots=True)
class ContextOutput:
    """Output of the last block ``[R, E + N, D]``, extra tokens first, and feed-forward outputs of each main block."""

    hidden: Tensor
    layer_results: list[Tensor]


class ContextNetwork(nn.Module):
    """Contextualises local features, all of them (teacher, inference) or only the kept ones (student)."""

    def __init__(self, config: Emotion2VecConfig) -> None:
        """Build the network."""
        super().__init__()
        self.config = config
        self.positions = RelativePositions(config)
        self.alibi = Alibi(config)
        tokens = torch.randn(1, config.extra_tokens, config.embed_dim)
        tokens[:, :1] = 0.0
        self.extra_tokens = nn.Parameter(tokens)
        self.prenet_norm = nn.LayerNorm(config.embed_dim)
        self.prenet = nn.ModuleList(Block(config) for _ in range(config.prenet_depth))
        self.blocks = nn.ModuleList(Block(config) for _ in range(config.depth))

    def forward(self, local: Tensor, padding_mask: Tensor | None, mask: Mask | None = None) -> ContextOutput:
        """Run the network.

        Args:
            local: Local features ``[R, T, D]``.
            padding_mask: ``[R, T]``, True where padded.
            mask: Masks of the R rows. Masked frames are zeroed before the positional convolution and then left out.
        """
        if mask is None:
            frames = local + self.positions(local, padding_mask)
            places = torch.arange(local.shape[1], device=local.device).unsqueeze(0)
        else:
            zeroed = local.scatter(1, mask.masked.unsqueeze(2).expand(-1, -1, local.shape[2]), 0.0)
            frames = take(local + self.positions(zeroed, padding_mask), mask.kept)
            places = mask.kept
            padding_mask = None if padding_mask is None else padding_mask.gather(1, mask.kept)
        hidden = torch.cat([self.extra_tokens.expand(len(frames), -1, -1).to(frames.dtype), frames], dim=1)
        return self._transform(hidden, self._bias(places, padding_mask))

    def _bias(self, places: Tensor, padding_mask: Tensor | None) -> Tensor:
        bias: Tensor = self.alibi(places)
        if padding_mask is not None:
            padded = F.pad(padding_mask, (self.config.extra_tokens, 0))[:, None, None, :]
            bias = bias.masked_fill(padded, float("-inf"))
        # cast once here rather than in every block
        device = bias.device.type
        mixed = torch.amp.is_autocast_available(device) and torch.is_autocast_enabled(device)
        return bias.to(torch.get_autocast_dtype(device)) if mixed else bias

    def _transform(self, hidden: Tensor, bias: Tensor) -> ContextOutput:
        hidden = F.dropout(self.prenet_norm(hidden), self.config.dropout, self.training)
        for block in self.prenet:
            hidden, _ = self._run(block, hidden, bias)
        results: list[Tensor] = []
        for block in self.blocks:
            hidden, target = self._run(block, hidden, bias)
            if target is not None:
                results.append(target)
        return ContextOutput(hidden, results)

    def _run(self, block: nn.Module, hidden: Tensor, bias: Tensor) -> tuple[Tensor, Tensor | None]:
        """Run a block, or skip it by layerdrop; a skipped block still gets (zero) gradients, as DDP demands."""
        if self.training and float(torch.rand(())) < self.config.layerdrop:
            return hidden + torch.stack([weight.flatten()[0] * 0.0 for weight in block.parameters()]).sum(), None
        output, target = block(hidden, bias)
        return output, target
