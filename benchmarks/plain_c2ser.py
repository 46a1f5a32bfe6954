"""C2SER's training step the plain way, and with all of Whisper's 30 seconds: what ours is compared with.

The same weights give the same loss (tests/benchmarks/test_plain_c2ser.py), except that in the 30-second way the
language model also reads what Whisper says of the silence behind each clip.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from c2ser_lightning.models.c2ser import C2SER
from c2ser_lightning.models.log_mel import HOP
from c2ser_lightning.models.sequence import lay_out
from c2ser_lightning.models.speech import Speech
from c2ser_lightning.text.prompts import Turn

IGNORED = -100


class ThirtySeconds(C2SER):
    """Every clip is padded to 30 s, and the language model gets all the frames."""

    def _full(self) -> int:
        assert self.whisper is not None
        return 2 * HOP * int(self.whisper.encoder.config.max_source_positions)

    def _semantic(self, speech: Speech) -> tuple[Tensor, Tensor] | None:
        padded = F.pad(speech.waveforms, (0, self._full() - speech.waveforms.shape[1]))
        return super()._semantic(Speech(padded, padded == 0.0, [self._full()] * len(speech.lengths)))

    def _speech_positions(self, speech: Speech, acoustic: tuple[Tensor, Tensor] | None) -> list[int]:
        full = Speech(speech.waveforms, speech.padding_mask, [self._full()] * len(speech.lengths))
        return super()._speech_positions(full, acoustic)


def plain_loss(model: C2SER, speech: Speech, turns: list[Turn], answers: list[str]) -> tuple[Tensor, float]:
    """Return the loss and the share of padding: a padding mask, and logits at every position, as transformers does."""
    vectors, counts = model.perceive(speech)
    encode = model.language_model.encode
    parts = zip(turns, counts, answers, strict=True)
    rows = [model._row(turn, count, encode(answer + turn.end)) for turn, count, answer in parts]
    layout = lay_out(rows, side="right")
    labels = torch.full((layout.tokens.numel(),), IGNORED)
    labels[layout.label_rows + 1] = layout.labels
    share = layout.padding_share
    labels, layout = labels.view_as(layout.tokens).to(vectors.device), layout.to(vectors.device)
    output = model.language_model.causal(
        inputs_embeds=model._embed(layout, vectors), attention_mask=layout.attention, labels=labels, use_cache=False
    )
    loss: Tensor = output.loss
    return loss, share
