"""A probe on frozen Emotion2Vec features: how much emotion is readable without touching the encoder."""

from torch import Tensor

from c2ser_lightning.models.backbone import identity
from c2ser_lightning.models.emotion2vec.encoder import Emotion2Vec
from c2ser_lightning.models.emotion2vec.load import Emotion2VecSource, load_emotion2vec
from c2ser_lightning.models.probe_head import ProbeHeadConfig
from c2ser_lightning.modules.frozen_probe import FrozenProbe
from c2ser_lightning.modules.optimization import OptimizerConfig


class EmotionProbe(FrozenProbe):
    """The probe on an Emotion2Vec of ours, or a released one."""

    def __init__(
        self, encoder: Emotion2VecSource, head: ProbeHeadConfig, optimizer: OptimizerConfig, cache_megabytes: int = 0
    ) -> None:
        """Keep the settings; the encoder is loaded in :meth:`configure_model`.

        Args:
            encoder: The frozen encoder.
            head: The probe.
            optimizer: Optimizer and schedule.
            cache_megabytes: Host memory for the encoder's features, so that small corpora are encoded once.
        """
        super().__init__(head, optimizer, cache_megabytes)
        encoder.check_cache(cache_megabytes)
        self.source = encoder
        self.encoder: Emotion2Vec | None = None

    def configure_model(self) -> None:
        """Load the encoder and build the head. Repeated calls do nothing."""
        if self.encoder is not None:
            return
        self.encoder = load_emotion2vec(self.source).requires_grad_(False)
        self.build_head(self.encoder.config.embed_dim)

    def backbone_identities(self) -> dict[str, str]:
        """Name the frozen encoder."""
        return {"emotion2vec": identity(self.source.checkpoint)}

    def encode(self, waveforms: Tensor, padding_mask: Tensor, lengths: list[int]) -> tuple[Tensor, Tensor]:
        """Return the last block's frames."""
        assert self.encoder is not None
        features = self.encoder.eval().extract_features(waveforms, padding_mask)
        return features.frames, ~features.padding_mask
