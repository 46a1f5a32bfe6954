"""Ask an upstream for every utterance's features, once."""

from collections.abc import Iterable

import torch
from tqdm import tqdm

from c2ser_lightning.data.audio import SAMPLE_RATE, AudioError, Waveform
from c2ser_lightning.data.ledger import Ledger, Skip
from c2ser_lightning.models.upstreams import Upstream
from tools.probing.feature_store import FeatureStore, sound_digest
from tools.probing.settings import FeatureSettings
from tools.probing.utterances import Utterance


class Extraction:
    """One upstream over the utterances of a corpus; what is in the store already is neither decoded nor encoded."""

    def __init__(
        self, upstream: Upstream, store: FeatureStore, settings: FeatureSettings, device: torch.device, ledger: Ledger
    ) -> None:
        """Set up; ``ledger`` takes what cannot be used."""
        self._upstream, self._store, self._settings, self._ledger = upstream.to(device), store, settings, ledger
        self._device = device
        self._pending: list[tuple[Utterance, str, Waveform]] = []
        self.digests: dict[str, str] = {}
        self.computed = 0

    def run(self, utterances: Iterable[Utterance], title: str) -> dict[str, str]:
        """Fill the store, longest utterances first, so that memory runs out at once or never.

        Returns:
            The digest of each utterance that has features, by key.
        """
        ordered = sorted(utterances, key=lambda one: -one.seconds)
        for one in tqdm(ordered, desc=title, unit="utterance", mininterval=1.0):
            try:
                self._take(one)
            except AudioError as error:
                self._ledger.add(Skip(one.key, error.reason, str(error), one.sound.source))
        self._flush()
        return self.digests

    def _take(self, one: Utterance) -> None:
        encoded = one.sound.encoded()
        digest = sound_digest(encoded, one.sound.cut)
        if self._store.holds(digest):
            self.digests[one.key] = digest
            return
        waveform = one.sound.decode(encoded, self._settings.min_seconds, self._settings.max_seconds)
        if objection := self._upstream.objection(len(waveform)):
            raise AudioError("unfit_for_upstream", objection)
        if not self._fits(len(waveform)):
            self._flush()
        self._pending.append((one, digest, waveform))

    def _fits(self, samples: int) -> bool:
        if not self._pending:
            return True
        longest = max(samples, *(len(waveform) for *_, waveform in self._pending))
        padded = longest * (len(self._pending) + 1)
        return self._upstream.exact_in_batches and padded <= self._settings.batch_seconds * SAMPLE_RATE

    def _flush(self) -> None:
        """Encode what is pending, and keep each utterance's own frames."""
        if not self._pending:
            return
        lengths = [len(waveform) for *_, waveform in self._pending]
        padded = torch.zeros(len(lengths), max(lengths))
        for row, (*_, waveform) in zip(padded, self._pending, strict=True):
            row[: len(waveform)] = torch.from_numpy(waveform)
        frames, valid = self._upstream.extract(padded.to(self._device), lengths)
        for (one, digest, _), own, mask in zip(self._pending, frames, valid, strict=True):
            self._keep(one, digest, own[mask])
        self._pending = []

    def _keep(self, one: Utterance, digest: str, frames: torch.Tensor) -> None:
        if not len(frames) or not bool(frames.isfinite().all()):
            detail = "the upstream gave no frame" if not len(frames) else "the upstream gave values that are not finite"
            self._ledger.add(Skip(one.key, "no_features", detail, one.sound.source))
            return
        self._store.write(digest, frames)
        self.digests[one.key] = digest
        self.computed += 1
