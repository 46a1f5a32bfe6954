"""What every audio language model does once it has speech vectors: put them among text, learn, answer and score."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from c2ser_lightning.losses.imbalance import imbalanced_mean
from c2ser_lightning.models.label_tree import distinct_beginnings
from c2ser_lightning.models.language_model import LanguageModel
from c2ser_lightning.models.limits import check_context
from c2ser_lightning.models.sequence import Layout, Row, lay_out, pack
from c2ser_lightning.models.speech import Speech
from c2ser_lightning.text.prompts import Turn


@dataclass(slots=True)
class AnswerLoss:
    """Mean cross-entropy over answer tokens, and what it was computed on."""

    loss: Tensor
    tokens: int
    padding_share: float


class AudioLanguageModel(nn.Module, ABC):
    """A language model that hears: P(answer | speech, prompt) for whatever turns speech into vectors of its width."""

    language_model: LanguageModel

    @abstractmethod
    def perceive(self, speech: Speech) -> tuple[Tensor, list[int]]:
        """Turn speech into language-model positions.

        Returns:
            ``[B, N, H]``, each utterance's own positions first, and the B numbers of them.
        """

    @abstractmethod
    def count_positions(self, samples: list[int]) -> list[int]:
        """Return how many positions utterances of so many samples will take."""

    def sequence_tokens(self, samples: list[int], turn: Turn, answers: list[str]) -> list[int]:
        """Return the positions in the language model of utterances of so many samples with these answers."""
        around = self._row(turn, 0, self.language_model.encode(turn.end)).length
        texts = self.language_model.encode_all(answers)
        counts = self.count_positions(samples)
        return [around + count + len(text) for count, text in zip(counts, texts, strict=True)]

    def answer_loss(
        self,
        speech: Speech,
        turns: list[Turn],
        answers: list[str],
        weights: Tensor | None = None,
        focal: float = 0.0,
    ) -> AnswerLoss:
        """Return the mean cross-entropy of the reference answers, end mark included (next-token prediction).

        Args:
            speech: B utterances.
            turns: The text around each utterance.
            answers: The reference answers.
            weights: How much the tokens of each utterance count, ``[B]``; all the same without it.
            focal: Exponent of focal loss; 0 for plain cross-entropy.
        """
        vectors, counts = self.perceive(speech)
        rows = [
            self._row(turn, count, self.language_model.encode(answer + turn.end))
            for turn, count, answer in zip(turns, counts, answers, strict=True)
        ]
        check_context(rows, speech.keys, self.language_model.context)
        width = self.language_model.pack_width
        layout = pack(rows, width) if width else lay_out(rows, side="right")
        share = layout.padding_share
        layout = layout.to(vectors.device)
        losses = self.language_model.token_losses(self._embed(layout, vectors), layout, packed=bool(width))
        if weights is not None:
            weights = weights.to(losses)[layout.owner.flatten().index_select(0, layout.label_rows)]
        return AnswerLoss(imbalanced_mean(losses, weights, focal), len(losses), share)

    def generate(self, speech: Speech, turn: Turn, max_new_tokens: int, beams: int = 1) -> list[str]:
        """Answer one question about each of B utterances."""
        embeddings, layout = self.embed_prompts(speech, turn, max_new_tokens)
        return self.language_model.generate(embeddings, layout.attention, turn.end, max_new_tokens, beams)

    def score(
        self, speech: Speech, turn: Turn, answers: list[str], *, per_token: bool = False, whole: bool = True
    ) -> Tensor:
        """Return ``[B, C]`` log-probabilities of C different answers to one question, end mark included.

        Args:
            speech: B utterances.
            turn: The text around each utterance.
            answers: The C answers.
            per_token: Divide by the number of tokens, so that long answers are not held back.
            whole: Score whole answers, and not just their beginnings up to the token that tells each from all others.
        """
        candidates = [self.language_model.encode(answer + turn.end) for answer in answers]
        candidates = candidates if whole else distinct_beginnings(candidates)
        embeddings, layout = self.embed_prompts(speech, turn, max(map(len, candidates)))
        scores = self.language_model.score(embeddings, layout.attention, layout.positions, candidates)
        lengths = torch.tensor([len(candidate) for candidate in candidates])
        return scores / lengths.to(scores.device, non_blocking=True) if per_token else scores

    def embed_prompts(self, speech: Speech, turn: Turn, new_tokens: int) -> tuple[Tensor, Layout]:
        """Return prompts as the language model takes them, ``[B, L, H]`` padded on the left, and what stands where.

        Args:
            speech: B utterances.
            turn: The text around each utterance.
            new_tokens: How many tokens are to follow; with them, prompts must fit into the context.
        """
        vectors, counts = self.perceive(speech)
        rows = [self._row(turn, count, []) for count in counts]
        check_context(rows, speech.keys, self.language_model.context, new_tokens)
        layout = lay_out(rows, side="left").to(vectors.device)
        return self._embed(layout, vectors), layout

    def _row(self, turn: Turn, count: int, answer: list[int]) -> Row:
        encode = self.language_model.encode
        return Row(encode(turn.before), count, encode(turn.after), answer)

    def _embed(self, layout: Layout, vectors: Tensor) -> Tensor:
        """Embed the text and put each utterance's speech vectors into their places: ``[R, L, H]``."""
        text = self.language_model.embed(layout.tokens)
        spoken = layout.speech >= 0
        places = (layout.owner * vectors.shape[1] + layout.speech).where(spoken, 0)
        speech = vectors.to(text.dtype).flatten(0, 1).index_select(0, places.flatten()).view_as(text)
        return torch.where(spoken.unsqueeze(2), speech, text)
