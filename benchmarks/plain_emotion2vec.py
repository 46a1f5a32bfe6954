"""Emotion2Vec-S pretraining without any of its shortcuts: what the fast step is compared with.

The same weights and the same masks give the same losses (tests/benchmarks/test_plain_emotion2vec.py); only the way
there is longer, and each shortcut can be switched on by itself.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from c2ser_lightning.data.batch import Batch
from c2ser_lightning.losses.distillation import frame_loss, spread, utterance_loss
from c2ser_lightning.models.emotion2vec.blocks import Block
from c2ser_lightning.models.emotion2vec.local_encoder import LocalEncoder, frame_norm, normalize_waveforms
from c2ser_lightning.models.emotion2vec.masking import Mask, draw_mask, take
from c2ser_lightning.modules.emotion2vec_s import Emotion2VecS, Objective


@dataclass(frozen=True, slots=True)
class Shortcuts:
    """Which shortcuts are taken: local features and targets once for all clones, attention in one kernel."""

    shared_local: bool = False
    shared_teacher: bool = False
    fused_attention: bool = False


def plain_objectives(module: Emotion2VecS, batch: Batch, generator: torch.Generator, shortcuts: Shortcuts) -> Objective:
    """Compute the three losses with each clone on its own."""
    clones = module.masking.clones
    lengths = [module.config.output_length(samples) for samples in batch.lengths]
    mask = draw_mask(lengths, max(lengths), module.masking, generator).to(batch.waveforms.device)
    passes = _Passes(module, batch, shortcuts)
    with _attention(shortcuts):
        parts = [passes.clone(Mask(*(places[c::clones] for places in _places(mask)))) for c in range(clones)]
    frame, utterance, pooled, wanted, given = zip(*parts, strict=True)
    # the clones of an utterance lie next to each other, as in the fast step
    embeddings = module.projection(torch.stack(pooled, 1).flatten(0, 1))
    category = module.category_loss(embeddings, batch.emotions.repeat_interleave(clones), clones)
    return Objective(
        frame=torch.stack(frame).mean(),
        utterance=torch.stack(utterance).mean(),
        category=category,
        target_spread=spread(torch.cat(wanted)),
        prediction_spread=spread(torch.cat(given)),
    )


def _places(mask: Mask) -> tuple[Tensor, Tensor, Tensor]:
    return mask.kept, mask.masked, mask.restore


class _Passes:
    """Runs clones one by one and keeps what a shortcut allows to keep."""

    def __init__(self, module: Emotion2VecS, batch: Batch, shortcuts: Shortcuts) -> None:
        self.module, self.batch, self.shortcuts = module, batch, shortcuts
        self.kept_local: Tensor | None = None
        self.kept_targets: Tensor | None = None
        frames = module.config.output_length(batch.waveforms.shape[1])
        self.frame_mask = module.encoder._frame_mask(batch.padding_mask, frames)

    def clone(self, mask: Mask) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
        module, tokens = self.module, self.module.config.extra_tokens
        local = self._local()
        encoded, predicted = module.encoder.student(local, self.frame_mask, mask, module.masking.noise_std)
        targets = self._targets(local)
        wanted, given = take(targets, mask.masked), take(predicted, mask.masked)
        utterance = utterance_loss(encoded[:, :tokens], targets, self.frame_mask, 1)
        assert self.frame_mask is not None
        valid = (~self.frame_mask.gather(1, mask.kept)).unsqueeze(2).to(encoded.dtype)
        pooled = (encoded[:, tokens:] * valid).sum(1) / valid.sum(1)
        return frame_loss(given, wanted), utterance, pooled, wanted, given

    def _local(self) -> Tensor:
        if self.kept_local is not None:
            return self.kept_local
        waveforms = normalize_waveforms(self.batch.waveforms, self.batch.padding_mask)
        local = _plain_front_end(self.module.encoder.local, waveforms)
        self.kept_local = local if self.shortcuts.shared_local else None
        return local

    def _targets(self, local: Tensor) -> Tensor:
        if self.kept_targets is not None:
            return self.kept_targets
        targets = self.module.teacher.targets(local.detach(), self.frame_mask)
        self.kept_targets = targets if self.shortcuts.shared_teacher else None
        return targets


def _plain_front_end(encoder: LocalEncoder, waveforms: Tensor) -> Tensor:
    hidden = waveforms.unsqueeze(1)
    for convolution, norm in zip(encoder.convolutions, encoder.norms, strict=True):
        hidden = F.gelu(frame_norm(convolution(hidden).transpose(1, 2), norm).transpose(1, 2))
    projected: Tensor = encoder.projection(encoder.projection_norm(hidden.transpose(1, 2)))
    return projected


@contextmanager
def _attention(shortcuts: Shortcuts) -> Iterator[None]:
    """Let blocks attend by separate products for a while."""
    fused = Block._attend
    if not shortcuts.fused_attention:
        Block._attend = _plain_attention  # type: ignore[method-assign,assignment]
    try:
        yield
    finally:
        Block._attend = fused  # type: ignore[method-assign]


def _plain_attention(block: Block, hidden: Tensor, bias: Tensor) -> Tensor:
    query, key, value = block.qkv(hidden).unflatten(-1, (3, block.heads, -1)).permute(2, 0, 3, 1, 4)
    weights = (query @ key.transpose(-1, -2) * query.shape[-1] ** -0.5 + bias).softmax(-1)
    mixed = F.dropout(weights, block.attention_dropout, block.training).to(value.dtype) @ value
    projected: Tensor = block.out(mixed.transpose(1, 2).flatten(2))
    return projected
