"""The model of SECap's stage 1: speech, captions and transcripts as vectors of one space."""

import torch
from torch import Tensor, nn
from transformers import AutoTokenizer, PreTrainedTokenizerBase

from c2ser_lightning.models.backbone import BackboneError, resolve_folder
from c2ser_lightning.models.secap.bridge import SpeechBridge
from c2ser_lightning.models.secap.hubert import HubertSettings
from c2ser_lightning.models.secap.qformer import QFormerSettings
from c2ser_lightning.models.speech import Speech


class SpeechTextAlignment(nn.Module):
    """The bridge, whose Q-Former here has its text half, and a tokenizer.

    How an utterance's 32 vectors and a text's tokens are compared is left open by what we could read of the paper; here
    both are averaged.
    """

    def __init__(
        self, hubert: HubertSettings, qformer: QFormerSettings, tokenizer: str | None, cache_megabytes: int = 0
    ) -> None:
        """Load or initialise everything.

        Args:
            hubert: The frozen encoder.
            qformer: The Q-Former.
            tokenizer: Hub name or folder of the text half's tokenizer; that of the BERT it starts from by default.
            cache_megabytes: Host memory for HuBERT's frames of each utterance; 0 asks it every time.
        """
        super().__init__()
        self.tokenizer = _load_tokenizer(tokenizer or qformer.source)
        self.bridge = SpeechBridge(hubert, qformer, cache_megabytes, vocabulary=len(self.tokenizer))
        self.width = self.bridge.qformer.width

    def speech_vectors(self, speech: Speech) -> Tensor:
        """Return ``[B, D]``: the mean of what the queries heard (the paper's Q-Embedding)."""
        heard: Tensor = self.bridge(speech)
        return heard.mean(1)

    def text_vectors(self, texts: list[str]) -> Tensor:
        """Return ``[B, D]``: the mean over each text's tokens (T-Embedding and C-Embedding); zero for an empty text."""
        if not texts:
            return self.bridge.qformer.queries.new_zeros(0, self.width)
        tokens, valid = self._tokenized(texts)
        weight = valid.unsqueeze(2).float()
        read = self.bridge.qformer.read(tokens, valid)
        return (read * weight).sum(1) / weight.sum(1).clamp_min(1.0)

    def _tokenized(self, texts: list[str]) -> tuple[Tensor, Tensor]:
        """Return ids ``[B, T]`` and mask ``[B, T]``; texts beyond the Q-Former's positions are cut off."""
        longest = self.bridge.qformer.transformer.config.max_position_embeddings
        rows: list[list[int]] = self.tokenizer(texts, truncation=True, max_length=longest)["input_ids"]
        width = max(1, *map(len, rows))
        tokens = torch.tensor([row + [0] * (width - len(row)) for row in rows])
        valid = torch.tensor([[True] * len(row) + [False] * (width - len(row)) for row in rows])
        device = self.bridge.qformer.queries.device
        return tokens.to(device, non_blocking=True), valid.to(device, non_blocking=True)


def _load_tokenizer(source: str | None) -> PreTrainedTokenizerBase:
    if source is None:
        raise BackboneError(
            "a Q-Former with random weights needs a tokenizer for its text half: set model.init_args.tokenizer"
        )
    tokenizer: PreTrainedTokenizerBase = AutoTokenizer.from_pretrained(resolve_folder(source))
    return tokenizer
