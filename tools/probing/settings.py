"""What a probing table is made of, as typed configuration."""

from dataclasses import dataclass, field
from typing import Literal

from c2ser_lightning.models.upstreams import UpstreamSource

FoldRule = Literal["published", "leave_one_session_out", "leave_speakers_out"]
Score = Literal["wa", "ua", "macro_f1"]


@dataclass
class CorpusSettings:
    """A corpus to probe on: folds of an EmoBox checkout, or shards of this project.

    Attributes:
        name: Its heading in the table.
        emobox: Folder of the corpus in an EmoBox checkout (``<EmoBox>/data/<corpus>``), with its ``fold_*`` folders.
        audio: With ``emobox``: folder of the user's audio, in which the lists' paths are looked up.
        shards: A folder written by ``tools.make_shards``; its splits train, dev and test are the one published fold.
        folds: ``published`` takes folds as they come, ``leave_one_session_out`` makes IEMOCAP's five from session
            numbers in the keys, ``leave_speakers_out`` makes ``speaker_folds`` of shards.
        speaker_folds: Number of folds of ``leave_speakers_out``.
        labels: ``corpus`` keeps the corpus' own label set, as EmoBox does; ``seven`` harmonises to the seven emotions,
            as the C2SER paper does, and leaves out (and names) what has no home among them.
    """

    name: str
    emobox: str | None = None
    audio: str | None = None
    shards: str | None = None
    folds: FoldRule = "published"
    speaker_folds: int = 4
    labels: Literal["corpus", "seven"] = "corpus"

    def __post_init__(self) -> None:
        """Check what no default could repair."""
        if (self.emobox is None) == (self.shards is None):
            raise ValueError(f"corpus {self.name!r}: give either emobox and audio, or shards")
        if self.emobox is not None and self.audio is None:
            raise ValueError(f"corpus {self.name!r}: emobox lists need audio: <folder of your copy of the corpus>")
        if self.folds == "leave_speakers_out" and self.emobox is not None:
            raise ValueError(f"corpus {self.name!r}: EmoBox lists name no speakers; leave_speakers_out needs shards")
        if self.speaker_folds < 2:
            raise ValueError(f"corpus {self.name!r}: speaker_folds {self.speaker_folds} is below two")


@dataclass
class Protocol:
    """How a fold is probed (EmoBox, arXiv:2406.07162).

    Attributes:
        learning_rates: Learning rates of the grid.
        hidden: Hidden widths of the grid.
        validation_share: Share of a fold's train list that becomes validation where the corpus has no validation list.
        select_by: Validation score that chooses epoch and grid point.
        epochs: Epochs of each grid point.
        patience: Stop a grid point after so many epochs without a better validation score; ``null`` for never.
        batch_size: Utterances in a batch.
        normalize: See ``ProbeHeadConfig``.
        seed: Seed of initial weights, batch order and validation split.
    """

    learning_rates: list[float] = field(default_factory=lambda: [1e-3, 1e-4])
    hidden: list[int] = field(default_factory=lambda: [128, 256])
    validation_share: float = 0.2
    select_by: Score = "ua"
    epochs: int = 100
    patience: int | None = None
    batch_size: int = 32
    normalize: Literal["frame", "utterance"] = "frame"
    seed: int = 0

    def __post_init__(self) -> None:
        """Check what no default could repair."""
        if not self.learning_rates or not self.hidden:
            raise ValueError("protocol: learning_rates and hidden need at least one value each")
        if not 0.0 < self.validation_share < 1.0:
            raise ValueError(f"protocol: validation_share {self.validation_share} is not between 0 and 1")
        if self.epochs < 1 or self.batch_size < 1:
            raise ValueError("protocol: epochs and batch_size must be above zero")


@dataclass
class FeatureSettings:
    """How features are computed and kept.

    Attributes:
        cache: Folder of the features, shared by all tables; safe to delete.
        device: Where the upstream and the probes run; ``auto`` takes a GPU where there is one.
        min_seconds: Shorter clips are left out and named in the ledger.
        max_seconds: Longer clips are left out and named in the ledger; EmoBox' limit.
        batch_seconds: Padded audio in a batch, for upstreams that are exact in batches.
        memory_megabytes: Host memory for features while probes are trained; what does not fit is read again from disk.
    """

    cache: str = "runs/probe_features"
    device: Literal["auto", "cpu", "cuda"] = "auto"
    min_seconds: float = 0.1
    max_seconds: float = 30.0
    batch_seconds: float = 60.0
    memory_megabytes: int = 4000


@dataclass
class ProbeTable:
    """Everything ``tools.probe_table`` needs.

    Attributes:
        out: Folder of the table, its JSON, the pictures and the ledger.
        upstreams: The rows.
        corpora: One table each.
        protocol: How a fold is probed.
        features: How features are computed and kept.
    """

    out: str
    upstreams: list[UpstreamSource]
    corpora: list[CorpusSettings]
    protocol: Protocol = field(default_factory=Protocol)
    features: FeatureSettings = field(default_factory=FeatureSettings)

    def __post_init__(self) -> None:
        """Names become rows, headings and folders, so they must differ."""
        for what, names in (
            ("upstreams", [upstream.name for upstream in self.upstreams]),
            ("corpora", [corpus.name for corpus in self.corpora]),
        ):
            if not names:
                raise ValueError(f"{what}: the list is empty, so there is nothing to probe")
            if twice := sorted({name for name in names if names.count(name) > 1}):
                raise ValueError(f"{what}: the name {twice[0]!r} stands there twice")
