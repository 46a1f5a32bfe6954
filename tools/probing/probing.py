"""One upstream on one corpus: features once, then fold after fold, each remembered on disk."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from tqdm import tqdm

from c2ser_lightning.data.ledger import Ledger, Skip
from c2ser_lightning.models.feature_cache import FeatureCache
from c2ser_lightning.models.upstreams import UpstreamSource
from tools.corpora.base import CorpusError
from tools.probing.extraction import Extraction
from tools.probing.feature_store import FeatureStore
from tools.probing.fitting import Example, FeatureSource, FoldFitter
from tools.probing.outcomes import FoldOutcome, Row
from tools.probing.settings import ProbeTable
from tools.probing.utterances import Corpus, Fold, Utterance, split_validation

Parts = dict[str, list[Example]]


@dataclass(frozen=True, slots=True)
class Probing:
    """The settings of a table, its device, and the ledger of what was left out."""

    table: ProbeTable
    device: torch.device
    ledger: Ledger

    def row(self, source: UpstreamSource, corpus: Corpus) -> Row:
        """Probe an upstream on a corpus.

        Raises:
            CorpusError: No fold has usable utterances in every part.
        """
        fingerprint = source.fingerprint()
        store = FeatureStore(Path(self.table.features.cache), fingerprint)
        title = f"{source.name}, {corpus.name}"
        extraction = Extraction(source.load(), store, self.table.features, self.device, self.ledger)
        digests = extraction.run(corpus.utterances(), f"{title}: features")
        features = FeatureSource(store, FeatureCache(self.table.features.memory_megabytes))
        fitter = FoldFitter(features, self.table.protocol, len(corpus.labels), self.device)
        outcomes = []
        for fold in tqdm(corpus.folds, desc=f"{title}: probes", unit="fold"):
            parts = self._parts(fold, corpus, digests)
            if self._complete(fold, corpus, parts):
                remembered = _Memory(
                    self._memory_path(source, corpus, fold), self._question(fingerprint, corpus, parts)
                )
                outcomes.append(remembered.outcome or remembered.keep(self._probe(fitter, fold, corpus, parts)))
        if not outcomes:
            raise CorpusError(f"{corpus.name}: no fold has usable audio in all its parts: {self.ledger.summary()}")
        return Row(source.name, source.source, corpus.labels, outcomes)

    def _parts(self, fold: Fold, corpus: Corpus, digests: dict[str, str]) -> Parts:
        """Return what is usable; validation is drawn from the usable part of train where none is published."""
        usable = {name: [one for one in part if one.key in digests] for name, part in fold.parts.items()}
        if fold.validation is None:
            protocol = self.table.protocol
            usable["train"], usable["validation"] = split_validation(
                usable["train"], protocol.validation_share, protocol.seed
            )
        ids = {label: number for number, label in enumerate(corpus.labels)}

        def examples(part: Sequence[Utterance]) -> list[Example]:
            return [Example(digests[one.key], ids[one.label]) for one in part]

        return {name: examples(part) for name, part in usable.items()}

    def _complete(self, fold: Fold, corpus: Corpus, parts: Parts) -> bool:
        empty = [name for name, part in parts.items() if not part]
        for name in empty:
            detail = f"{name} of {fold.name} has no usable utterance, so the fold is left out"
            self.ledger.add(Skip(f"{corpus.name}, {fold.name}", "empty_part", detail, corpus.name))
        return not empty

    def _probe(self, fitter: FoldFitter, fold: Fold, corpus: Corpus, parts: Parts) -> FoldOutcome:
        fitted = fitter.fit(parts["train"], parts["validation"])
        return FoldOutcome(
            fold=fold.name,
            counts=fitter.test(fitted.probe, parts["test"]).tolist(),
            trials=fitted.trials,
            chosen=fitted.chosen,
            used={name: len(part) for name, part in parts.items()},
            listed=corpus.listed[fold.name],
        )

    def _memory_path(self, source: UpstreamSource, corpus: Corpus, fold: Fold) -> Path:
        places = [file_name(name) for name in (corpus.name, source.name, fold.name)]
        return Path(self.table.out, "folds", *places[:-1], f"{places[-1]}.json")

    def _question(self, fingerprint: str, corpus: Corpus, parts: Parts) -> str:
        """Hash everything that a fold's outcome depends on."""
        asked = {
            "upstream": fingerprint,
            "protocol": asdict(self.table.protocol),
            "labels": corpus.labels,
            "parts": {name: [(one.digest, one.label) for one in part] for name, part in parts.items()},
        }
        return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


class _Memory:
    """A fold's outcome on disk, valid for the question it answered."""

    def __init__(self, path: Path, question: str) -> None:
        self._path, self._question = path, question

    @property
    def outcome(self) -> FoldOutcome | None:
        """The remembered answer, if it is to this question."""
        try:
            content = json.loads(self._path.read_text(encoding="utf-8"))
            return FoldOutcome.from_dict(content["outcome"]) if content["question"] == self._question else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def keep(self, outcome: FoldOutcome) -> FoldOutcome:
        """Write it down."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        temporary = self._path.with_suffix(".tmp")
        temporary.write_text(json.dumps({"question": self._question, "outcome": asdict(outcome)}), encoding="utf-8")
        temporary.replace(self._path)
        return outcome


def file_name(text: str) -> str:
    """Make a name fit for a file: what is no letter, digit, ``-`` or ``_`` turns into ``_``, and a hash tells it."""
    kept = "".join(letter if letter.isalnum() or letter in "-_" else "_" for letter in text)
    return kept if kept == text else f"{kept}-{hashlib.sha256(text.encode()).hexdigest()[:6]}"
