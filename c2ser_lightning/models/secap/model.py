"""SECap assembled, as stage 2 trains it and as it answers: the bridge's vectors go into a frozen language model."""

from torch import Tensor, nn

from c2ser_lightning.models.audio_language_model import AudioLanguageModel
from c2ser_lightning.models.language_model import LanguageModel, LanguageModelSettings
from c2ser_lightning.models.secap.bridge import SpeechBridge
from c2ser_lightning.models.secap.hubert import HubertSettings
from c2ser_lightning.models.secap.qformer import QFormerSettings
from c2ser_lightning.models.speech import Speech


class SECapModel(AudioLanguageModel):
    """HuBERT, Q-Former, one linear layer and a language model (paper, figure 1)."""

    def __init__(
        self,
        hubert: HubertSettings,
        qformer: QFormerSettings,
        language_model: LanguageModelSettings,
        cache_megabytes: int = 0,
    ) -> None:
        """Load every part.

        Args:
            hubert: The frozen encoder.
            qformer: The Q-Former, here without its text half.
            language_model: The language model; as published without LoRA.
            cache_megabytes: Host memory for HuBERT's frames of each utterance; 0 asks it every time.
        """
        super().__init__()
        self.bridge = SpeechBridge(hubert, qformer, cache_megabytes)
        self.language_model = LanguageModel(language_model)
        self.projection = nn.Linear(self.bridge.qformer.width, self.language_model.width)

    def perceive(self, speech: Speech) -> tuple[Tensor, list[int]]:
        """Return ``[B, Q, H]``, one vector a query, and Q for each utterance; no marks around them, as published."""
        vectors: Tensor = self.projection(self.bridge(speech))
        return vectors, self.count_positions(speech.lengths)

    def count_positions(self, samples: list[int]) -> list[int]:
        """Return the number of queries for each utterance, however long it is."""
        return [len(self.bridge.qformer.queries)] * len(samples)
