"""C2SER assembled: Whisper and Emotion2Vec-S perceive, the connector aligns, the language model answers."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from c2ser_lightning.models.audio_language_model import AudioLanguageModel
from c2ser_lightning.models.connector import Connector, ConnectorSettings
from c2ser_lightning.models.emotion2vec.load import Emotion2VecSource, load_emotion2vec
from c2ser_lightning.models.emotion2vec.pooling import FIRST_FRAMES, Pooling, pool
from c2ser_lightning.models.feature_cache import FeatureCache
from c2ser_lightning.models.language_model import LanguageModel, LanguageModelSettings
from c2ser_lightning.models.speech import Speech
from c2ser_lightning.models.whisper import WhisperPerception, WhisperSettings


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


class C2SER(AudioLanguageModel):
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

    def count_positions(self, samples: list[int]) -> list[int]:
        """Return how many positions utterances of so many samples will take, marks included."""
        vectors = 0
        if self.acoustic is not None:
            sizes = {"tokens": self.acoustic.config.extra_tokens, "mean": 1, "first_frames": FIRST_FRAMES}
            vectors = sizes[self.pooling]
        return [self._count(count, vectors) for count in samples]

    def _semantic(self, speech: Speech) -> tuple[Tensor, Tensor] | None:
        whisper = self.whisper
        if whisper is None:
            return None

        def encode(part: Speech) -> tuple[Tensor, Tensor]:
            features: tuple[Tensor, Tensor] = whisper(part.waveforms, part.lengths)
            return features

        return encode(speech) if whisper.varies else speech.encode(encode, self.caches["whisper"])

    @torch.no_grad()
    def _acoustic(self, speech: Speech) -> tuple[Tensor, Tensor] | None:
        encoder = self.acoustic
        if encoder is None:
            return None
        if speech.vectors is not None:
            return speech.vectors.float(), speech.vectors.new_ones(speech.vectors.shape[:2], dtype=torch.bool)

        def encode(part: Speech) -> tuple[Tensor, Tensor]:
            return pool(encoder.extract_features(part.waveforms, part.padding_mask), self.pooling)

        return speech.encode(encode, self.caches["acoustic"])
