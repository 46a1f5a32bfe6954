"""From speech to a fixed number of vectors: what both stages of SECap share, and what stage 2 takes over of stage 1."""

from torch import Tensor, nn

from c2ser_lightning.models.feature_cache import FeatureCache
from c2ser_lightning.models.secap.hubert import HubertPerception, HubertSettings
from c2ser_lightning.models.secap.qformer import QFormer, QFormerSettings
from c2ser_lightning.models.speech import Speech


class SpeechBridge(nn.Module):
    """A frozen HuBERT and the Q-Former that listens to its frames."""

    def __init__(
        self, hubert: HubertSettings, qformer: QFormerSettings, cache_megabytes: int = 0, vocabulary: int | None = None
    ) -> None:
        """Load or initialise both.

        Args:
            hubert: The frozen encoder.
            qformer: The Q-Former.
            cache_megabytes: Host memory for the encoder's frames of each utterance; 0 asks it every time.
            vocabulary: Tokens of the Q-Former's text half; ``None`` leaves it out.
        """
        super().__init__()
        self.cache = FeatureCache(cache_megabytes)
        self.hubert = HubertPerception(hubert)
        self.qformer = QFormer(qformer, self.hubert.width, vocabulary)

    def forward(self, speech: Speech) -> Tensor:
        """Return ``[B, Q, D]``: what the queries heard."""
        frames, valid = speech.encode(lambda part: self.hubert(part.waveforms, part.lengths), self.cache)
        heard: Tensor = self.qformer.listen(frames, valid)
        return heard
