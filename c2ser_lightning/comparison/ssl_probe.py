"""A probe on any frozen speech encoder: WavLM, HuBERT, wav2vec 2.0, data2vec, Whisper, emotion2vec, filter banks."""

import torch
from torch import Tensor

from c2ser_lightning.comparison.pretrained import ComparisonError
from c2ser_lightning.data.batch import Batch
from c2ser_lightning.models.backbone import identity
from c2ser_lightning.models.feature_cache import pad_frames
from c2ser_lightning.models.probe_head import ProbeHeadConfig
from c2ser_lightning.models.upstreams.base import Upstream
from c2ser_lightning.models.upstreams.source import UpstreamSource
from c2ser_lightning.modules.frozen_probe import FrozenProbe
from c2ser_lightning.modules.optimization import OptimizerConfig


class SSLProbeRecognizer(FrozenProbe):
    """Trained by ``fit`` on one corpus, tested on any; EmoBox' folds (paper, Table V) are ``tools.probe_table``.

    An encoder whose frames depend on padding is asked for one utterance at a time, so an utterance has one answer.
    """

    def __init__(
        self, upstream: UpstreamSource, head: ProbeHeadConfig, optimizer: OptimizerConfig, cache_megabytes: int = 0
    ) -> None:
        """Keep the settings; the encoder is loaded in :meth:`configure_model`.

        Args:
            upstream: The frozen encoder.
            head: The probe.
            optimizer: Optimizer and schedule.
            cache_megabytes: Host memory for the encoder's features, so that small corpora are encoded once.
        """
        super().__init__(head, optimizer, cache_megabytes)
        self.source = upstream
        self.upstream: Upstream | None = None

    def configure_model(self) -> None:
        """Load the encoder and build the head. Repeated calls do nothing."""
        if self.upstream is not None:
            return
        self.upstream = self.source.load()
        self.build_head(self.upstream.dimension)

    def backbone_identities(self) -> dict[str, str]:
        """Name the frozen encoder."""
        path = self.source.path
        return {"upstream": self.source.source if path is None else f"{self.source.kind}:{identity(str(path))}"}

    def forward(self, batch: Batch) -> Tensor:
        """Return class logits ``[B, 7]``.

        Raises:
            ComparisonError: A clip is shorter or longer than the encoder can hear.
        """
        assert self.upstream is not None
        for key, samples in zip(batch.keys, batch.lengths, strict=True):
            if objection := self.upstream.objection(samples):
                raise ComparisonError(f"{key}: {objection}; see data.init_args.filters.min_seconds and max_seconds")
        return super().forward(batch)

    def encode(self, waveforms: Tensor, padding_mask: Tensor, lengths: list[int]) -> tuple[Tensor, Tensor]:
        """Return the last layer's frames."""
        assert self.upstream is not None
        if self.upstream.exact_in_batches:
            frames, valid = self.upstream.extract(waveforms, lengths)
            return frames.clone(), valid.clone()  # what inference mode made cannot be saved for a backward pass
        single = [self.upstream.extract(row[None, :size], [size]) for row, size in zip(waveforms, lengths, strict=True)]
        return pad_frames([torch.clone(frames[0][valid[0]]) for frames, valid in single])
