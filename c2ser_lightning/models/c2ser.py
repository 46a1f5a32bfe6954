"""C2SER assembled: Whisper and Emotion2Vec-S perceive, the connector aligns, the language model answers."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from c2ser_lightning.losses.imbalance import imbalanced_mean
from c2ser_lightning.models.connector import Connector, ConnectorSettings
from c2ser_lightning.models.emotion2vec.load import Emotion2VecSource, load_emotion2vec
from c2ser_lightning.models.emotion2vec.pooling import FIRST_FRAMES, Pooling, pool
from c2ser_lightning.models.feature_cache import FeatureCache
from c2ser_lightning.models.label_tree import distinct_beginnings
from c2ser_lightning.models.language_model import LanguageModel, LanguageModelSettings
from c2ser_lightning.models.limits import check_context
from c2ser_lightning.models.sequence import Layout, Row, lay_out, pack
from c2ser_lightning.models.whisper import WhisperPerception, WhisperSettings
from c2ser_lightning.text.prompts import Turn


@dataclass
class AcousticSettings:
    """Which Emotion2Vec-S, and which of its outputs the language model sees.

    Attributes:
        encoder: Where the frozen encoder comes from.
        pooling: ``tokens`` (the ten utterance tokens), ``mean`` (one vector) or ``first_frames`` (the first ten frames,
            which is what the released C2SER weights were trained on).
    """

    encoder: Emotion2VecSource
    pooling: Pooling = "tokens"


@dataclass(slots=True)
class Speech:
    """B utterances.

    Attributes:
        waveforms: ``[B, S]``.
        padding_mask: ``[B, S]``, True where padded.
        lengths: The B sample counts, on the host.
        keys: A unique name for each, by which frozen encoders' features are kept; ``None`` where nothing is to be kept.
        vectors: What Emotion2Vec-S says of each ``[B, E, D]``, where it need not be asked.
    """

    waveforms: Tensor
    padding_mask: Tensor
    lengths: list[int]
    keys: list[str] | None = None
    vectors: Tensor | None = None

    def rows(self, rows: list[int]) -> "Speech":
        """Return some of the utterances, padded to the longest of them."""
        lengths = [self.lengths[row] for row in rows]
        keys = None if self.keys is None else [self.keys[row] for row in rows]
        longest = max(lengths)
        vectors = None if self.vectors is None else self.vectors[rows]
        return Speech(self.waveforms[rows, :longest], self.padding_mask[rows, :longest], lengths, keys, vectors)


@dataclass(slots=True)
class AnswerLoss:
    """Mean cross-entropy over answer tokens, and what it was computed on."""

    loss: Tensor
    tokens: int
    padding_share: float


class C2SER(nn.Module):
    """The audio language model of the paper's equation 1: P(answer | speech, prompt)."""

    def __init__(
        self,
        whisper: WhisperSettings | None,
        acoustic: AcousticSettings | None,
        connector: ConnectorSettings,
        language_model: LanguageModelSettings,
        cache_megabytes: int = 0,
    ) -> None:
        """Load every part.

        Args:
            whisper: The semantic encoder; ``None`` for the paper's ablation without it.
            acoustic: The frozen Emotion2Vec-S; ``None`` for the ablation without it.
            connector: The connection module.
            language_model: The language model.
            cache_megabytes: Host memory for what the frozen encoders say of each utterance; 0 asks them every time.
        """
        super().__init__()
        if acoustic is not None:
            acoustic.encoder.check_cache(cache_megabytes)
        self.caches = {name: FeatureCache(cache_megabytes) for name in ("whisper", "acoustic")}
        self.whisper = WhisperPerception(whisper) if whisper else None
        self.acoustic = load_emotion2vec(acoustic.encoder).requires_grad_(False) if acoustic else None
        self.pooling: Pooling = acoustic.pooling if acoustic else "tokens"
        self.language_model = LanguageModel(language_model)
        self.connector = Connector(
            connector,
            semantic=self.whisper.width if self.whisper else None,
            acoustic=self.acoustic.config.embed_dim if self.acoustic else None,
            output=self.language_model.width,
        )
        spread = self.language_model.embed(torch.zeros(1, 1, dtype=torch.long)).float().std()
        # A model that is built before its weights are there has nothing to take the scale from.
        scale = 0.0 if spread.is_meta else float(spread)
        self.speech_marks = nn.Parameter(torch.randn(2, self.language_model.width) * max(scale, 0.02))

    def train(self, mode: bool = True) -> "C2SER":
        """Switch mode; Emotion2Vec-S is frozen and stays in eval mode."""
        super().train(mode)
        if self.acoustic is not None:
            self.acoustic.eval()
        return self

    def perceive(self, speech: Speech) -> tuple[Tensor, list[int]]:
        """Turn speech into language-model positions.

        Returns:
            ``[B, N + 2, H]``: begin mark, N fused vectors, end mark (directly behind each row's last valid vector), and
            the B numbers of positions, marks included.
        """
        semantic, acoustic = self._semantic(speech), self._acoustic(speech)
        fused, valid = self.connector(semantic, acoustic)
        lengths = valid.sum(1)
        begin, end = self.speech_marks.to(fused.dtype)
        batch, _, width = fused.shape
        framed = torch.cat([begin.expand(batch, 1, width), fused, fused.new_zeros(batch, 1, width)], dim=1)
        place = torch.arange(framed.shape[1], device=fused.device) == (lengths + 1).unsqueeze(1)
        return torch.where(place.unsqueeze(2), end, framed), self._speech_positions(speech, acoustic)

    def _speech_positions(self, speech: Speech, acoustic: tuple[Tensor, Tensor] | None) -> list[int]:
        """Count each row's positions from its sample count, on the host, so that the device is never waited for."""
        vectors = acoustic[0].shape[1] if acoustic is not None else 0
        return [self._count(length, vectors) for length in speech.lengths]

    def _count(self, samples: int, vectors: int) -> int:
        """Count the positions of an utterance of so many samples and acoustic vectors, marks included."""
        frames = WhisperPerception.output_length(samples) if self.whisper else 0
        return 2 + self.connector.output_length(frames, vectors)

    def sequence_tokens(self, samples: list[int], turn: Turn, answers: list[str]) -> list[int]:
        """Return the positions in the language model of utterances of so many samples with these answers."""
        vectors = 0
        if self.acoustic is not None:
            sizes = {"tokens": self.acoustic.config.extra_tokens, "mean": 1, "first_frames": FIRST_FRAMES}
            vectors = sizes[self.pooling]
        around = self._row(turn, 0, self.language_model.encode(turn.end)).length
        texts = self.language_model.encode_all(answers)
        return [around + self._count(count, vectors) + len(text) for count, text in zip(samples, texts, strict=True)]

    def _semantic(self, speech: Speech) -> tuple[Tensor, Tensor] | None:
        whisper = self.whisper
        if whisper is None:
            return None

        def encode(part: Speech) -> tuple[Tensor, Tensor]:
            features: tuple[Tensor, Tensor] = whisper(part.waveforms, part.lengths)
            return features

        return encode(speech) if whisper.varies else self._frozen("whisper", speech, encode)

    @torch.no_grad()
    def _acoustic(self, speech: Speech) -> tuple[Tensor, Tensor] | None:
        encoder = self.acoustic
        if encoder is None:
            return None
        if speech.vectors is not None:
            return speech.vectors.float(), speech.vectors.new_ones(speech.vectors.shape[:2], dtype=torch.bool)

        def encode(part: Speech) -> tuple[Tensor, Tensor]:
            return pool(encoder.extract_features(part.waveforms, part.padding_mask), self.pooling)

        return self._frozen("acoustic", speech, encode)

    def _frozen(
        self, name: str, speech: Speech, encode: Callable[[Speech], tuple[Tensor, Tensor]]
    ) -> tuple[Tensor, Tensor]:
        """Ask a frozen encoder, or its cache where utterances have names."""
        if speech.keys is None:
            return encode(speech)
        device = speech.waveforms.device
        return self.caches[name].fetch(speech.keys, device, lambda rows: encode(speech.rows(rows)))

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
