"""The Transformer block of data2vec 2.0, post-norm, which also hands out its distillation target."""

import torch.nn.functional as F
from torch import Tensor, nn

from c2ser_lightning.models.emotion2vec.config import Emotion2VecConfig


class Block(nn.Module):
    """Self-attention and feed-forward with the norms behind the residual sums."""

    def __init__(self, config: Emotion2VecConfig) -> None:
        """Build one block."""
        super().__init__()
        width, inner = config.embed_dim, int(config.embed_dim * config.mlp_ratio)
        self.heads, self.dropout, self.attention_dropout = config.heads, config.dropout, config.attention_dropout
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.expand, self.contract = nn.Linear(width, inner), nn.Linear(inner, width)
        self.norm1 = nn.LayerNorm(width, eps=config.norm_eps)
        self.norm2 = nn.LayerNorm(width, eps=config.norm_eps)

    def forward(self, hidden: Tensor, bias: Tensor) -> tuple[Tensor, Tensor]:
        """Run the block.

        Args:
            hidden: ``[R, L, D]``.
            bias: ``[R, H, L, L]`` added to the attention logits; -inf at padded keys.

        Returns:
            The block's output and its feed-forward output before the residual sum and the second norm, both
            ``[R, L, D]``. The latter is the distillation target (``end_of_block_targets: false``).
        """
        residual = self.norm1(hidden + self._drop(self._attend(hidden, bias)))
        target = self.contract(F.gelu(self.expand(residual)))
        return self.norm2(residual + self._drop(target)), target

    def _attend(self, hidden: Tensor, bias: Tensor) -> Tensor:
        query, key, value = self.qkv(hidden).unflatten(-1, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        dropout = self.attention_dropout if self.training else 0.0
        mixed = F.scaled_dot_product_attention(query, key, value, attn_mask=bias.to(query.dtype), dropout_p=dropout)
        projected: Tensor = self.out(mixed.transpose(1, 2).flatten(2))
        return projected

    def _drop(self, hidden: Tensor) -> Tensor:
        return F.dropout(hidden, self.dropout, self.training)
