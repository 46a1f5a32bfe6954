"""The pretraining decoder: convolutions over kept frames and noise at the masked places."""

from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from c2ser_lightning.models.emotion2vec.config import Emotion2VecConfig
from c2ser_lightning.models.emotion2vec.local_encoder import channel_norm
from c2ser_lightning.models.emotion2vec.masking import Mask, take

INPUT_DROPOUT = 0.1


class Decoder(nn.Module):
    """Predicts the teacher's targets at every place; layers of equal width have residual connections."""

    def __init__(self, config: Emotion2VecConfig) -> None:
        """Build the layers."""
        super().__init__()
        widths = [config.embed_dim, *[config.decoder_dim] * config.decoder_layers]
        kernel, groups = config.decoder_kernel, config.decoder_groups
        self.trim = 1 - kernel % 2
        self.convolutions = nn.ModuleList(
            nn.Conv1d(inner, outer, kernel, padding=kernel // 2, groups=groups) for inner, outer in pairwise(widths)
        )
        self.projection = nn.Linear(config.decoder_dim, config.embed_dim)

    def forward(self, kept: Tensor, mask: Mask, noise_std: float) -> Tensor:
        """Map kept frames ``[R, N, D]`` to predictions at every place, ``[R, T, D]``."""
        kept = F.dropout(kept, INPUT_DROPOUT, self.training)
        rows, masked = mask.masked.shape
        noise = torch.randn(rows, masked, kept.shape[2], dtype=kept.dtype, device=kept.device) * noise_std
        hidden = take(torch.cat([kept, noise], dim=1), mask.restore).transpose(1, 2)
        for convolution in self.convolutions:
            output = convolution(hidden)
            output = F.gelu(channel_norm(output[..., : output.shape[-1] - self.trim]))
            hidden = output + hidden if output.shape == hidden.shape else output
        predicted: Tensor = self.projection(hidden.transpose(1, 2))
        return predicted
