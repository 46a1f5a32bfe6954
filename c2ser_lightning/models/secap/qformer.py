"""The Q-Former: learned queries that listen to speech frames; its other half reads text with the same attention."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from transformers import Blip2QFormerConfig, Blip2QFormerModel
from transformers.models.blip_2.modeling_blip_2 import Blip2TextEmbeddings

from c2ser_lightning.models.secap.bert import bert_sizes, copy_bert


@dataclass
class QFormerSettings:
    """Sizes of the Q-Former (BERT base with cross-attention in every other layer, and 32 queries, as published).

    Attributes:
        source: Hub name or folder of the BERT whose weights it starts from, which also gives its sizes; ``None`` for
            random weights of the sizes below, which a checkpoint then fills.
        queries: Learned queries, and so vectors of an utterance.
        cross_attention_every: One layer in so many listens to the frames.
        dropout: In attention and behind each sub-layer.
        width: Width without a ``source``.
        layers: Layers without a ``source``.
        heads: Attention heads without a ``source``.
        ffn: Feed-forward width without a ``source``.
        positions: Most tokens of a text without a ``source``; longer ones are cut off.
    """

    source: str | None = None
    queries: int = 32
    cross_attention_every: int = 2
    dropout: float = 0.1
    width: int = 768
    layers: int = 12
    heads: int = 12
    ffn: int = 3072
    positions: int = 512


class QFormer(nn.Module):
    """Queries and, where wanted, text, through one stack of self-attention with feed-forward layers of their own."""

    def __init__(self, settings: QFormerSettings, frame_width: int, vocabulary: int | None = None) -> None:
        """Build the Q-Former.

        Args:
            settings: Sizes.
            frame_width: Width of the speech frames.
            vocabulary: Tokens of the text half, which only stage 1 needs; ``None`` leaves that half out.
        """
        super().__init__()
        config = _config(settings, vocabulary)
        self.width: int = config.hidden_size
        self.frames = nn.Linear(frame_width, self.width)
        self.queries = nn.Parameter(torch.randn(settings.queries, self.width) * config.initializer_range)
        self.transformer = Blip2QFormerModel(config)
        self.words = None
        if vocabulary is not None:
            self.words = Blip2TextEmbeddings(config)  # type: ignore[no-untyped-call]
            for table in (self.words.word_embeddings, self.words.position_embeddings):
                nn.init.normal_(table.weight, std=config.initializer_range)
        if settings.source is not None:
            copy_bert(settings.source, self.transformer, self.words)

    def listen(self, frames: Tensor, valid: Tensor) -> Tensor:
        """Let the queries listen to frames ``[B, N, F]`` with mask ``[B, N]``; returns ``[B, Q, D]``."""
        queries = self.queries.expand(len(frames), -1, -1)
        frames = self.frames(frames.to(self.frames.weight.dtype))
        output = self.transformer(query_embeds=queries, encoder_hidden_states=frames, encoder_attention_mask=valid)
        listened: Tensor = output.last_hidden_state
        return listened

    def read(self, tokens: Tensor, valid: Tensor) -> Tensor:
        """Read text ``[B, T]`` with mask ``[B, T]``, without cross-attention; returns ``[B, T, D]``.

        Raises:
            RuntimeError: It was built without its text half.
        """
        if self.words is None:
            raise RuntimeError("this Q-Former has no text half")
        output = self.transformer(query_embeds=self.words(tokens), query_length=0, attention_mask=valid)
        read: Tensor = output.last_hidden_state
        return read


def _config(settings: QFormerSettings, vocabulary: int | None) -> Blip2QFormerConfig:
    sizes = bert_sizes(settings.source) if settings.source is not None else None
    width = sizes.hidden_size if sizes else settings.width
    return Blip2QFormerConfig(
        vocab_size=vocabulary or 1,
        hidden_size=width,
        num_hidden_layers=sizes.num_hidden_layers if sizes else settings.layers,
        num_attention_heads=sizes.num_attention_heads if sizes else settings.heads,
        intermediate_size=sizes.intermediate_size if sizes else settings.ffn,
        max_position_embeddings=sizes.max_position_embeddings if sizes else settings.positions,
        hidden_dropout_prob=settings.dropout,
        attention_probs_dropout_prob=settings.dropout,
        cross_attention_frequency=settings.cross_attention_every,
        encoder_hidden_size=width,
        use_qformer_text_input=vocabulary is not None,
    )
