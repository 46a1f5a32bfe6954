"""One way to name an upstream in a config: ``<kind>:<file or folder>``, always on this machine."""

import difflib
import hashlib
import json
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

from c2ser_lightning.models.emotion2vec.config import Emotion2VecConfig
from c2ser_lightning.models.emotion2vec.load import Emotion2VecSource
from c2ser_lightning.models.upstreams.base import Upstream, UpstreamError
from c2ser_lightning.models.upstreams.emotion2vec import Emotion2VecUpstream
from c2ser_lightning.models.upstreams.s3prl import (
    FILE_ENTRIES,
    FILTER_BANKS,
    FOLDER_ENTRIES,
    S3prlUpstream,
    check_path,
)
from c2ser_lightning.models.upstreams.whisper import WhisperUpstream

RANDOM = "random"
KINDS = ("emotion2vec", "whisper", *FILE_ENTRIES, *FOLDER_ENTRIES, *FILTER_BANKS)

_FORMAT = 1
"""Raised when the same weights would give other features than an earlier version of this code."""


@dataclass
class UpstreamSource:
    """A frozen encoder to probe.

    Attributes:
        name: Its row in the table.
        source: ``<kind>:<path>``. ``emotion2vec:<file>`` reads checkpoints of an Emotion2VecS run and released files of
            emotion2vec, Emotion2Vec-S and data2vec 2.0 audio, ``emotion2vec:random`` makes random weights;
            ``whisper:<folder>``; through s3prl ``wavlm:``, ``hubert:``, ``wav2vec2:``, ``data2vec:<file>``,
            ``hf_hubert:`` and ``hf_wav2vec2:<folder>``, and without a path ``fbank``, ``mfcc`` and the like.
        random_config: Sizes of ``emotion2vec:random``; emotion2vec_base by default.
        seed: Seed of ``emotion2vec:random``.
        pad_to_30s: Whisper only: pad every clip to 30 s, as EmoBox does; 4 to 8 times slower.
    """

    name: str
    source: str
    random_config: Emotion2VecConfig | None = None
    seed: int = 0
    pad_to_30s: bool = False

    @property
    def kind(self) -> str:
        """What stands before the colon."""
        return self.source.partition(":")[0]

    @property
    def path(self) -> Path | None:
        """What stands behind the colon, unless it is ``random`` or nothing."""
        place = self.source.partition(":")[2]
        return Path(place).expanduser() if place and not self._random else None

    @property
    def _random(self) -> bool:
        return self.source == f"emotion2vec:{RANDOM}"

    def check(self) -> None:
        """Refuse a source that cannot be loaded from this machine, before anything is computed.

        Raises:
            UpstreamError: The kind is unknown, or its file or folder is missing.
        """
        if self.kind not in KINDS:
            raise UpstreamError(f"upstream {self.name!r}: {self._unknown_kind()}")
        if self.kind in FILTER_BANKS or self._random:
            if self.path is not None:
                raise UpstreamError(f"upstream {self.name!r}: {self.kind} has no weights, so it takes no path")
            return
        if self.path is None:
            raise UpstreamError(f"upstream {self.name!r}: {self.kind} needs a path: source: {self.kind}:<path>")
        check_path(self.kind, self.path)
        if not (self.path.is_dir() if self.kind == "whisper" else self.path.exists()):
            wanted = "folder in Hugging Face format" if self.kind == "whisper" else "file"
            raise UpstreamError(f"upstream {self.name!r}: no such {wanted}: {self.path}; nothing is downloaded")

    def _unknown_kind(self) -> str:
        near = [kind for kind in (*FILE_ENTRIES, *FOLDER_ENTRIES) if self.kind.startswith(f"{kind}_")]
        near = near or difflib.get_close_matches(self.kind, KINDS, 1)
        hint = f"did you mean {near[-1]}:<path>?" if near else f"known kinds: {', '.join(KINDS)}"
        return f"{self.source!r} names no file on this machine, and nothing is downloaded; {hint}"

    def load(self) -> Upstream:
        """Build the upstream, frozen and in eval mode.

        Raises:
            BackboneError: It cannot be loaded; the message names the source.
        """
        self.check()
        if self.kind == "emotion2vec":
            checkpoint = None if self.path is None else str(self.path)
            return Emotion2VecUpstream(Emotion2VecSource(checkpoint, self.random_config, self.seed)).eval()
        if self.kind == "whisper":
            return WhisperUpstream(str(self.path), pad_to_30s=self.pad_to_30s).eval()
        return S3prlUpstream(self.kind, self.path).eval()

    def fingerprint(self) -> str:
        """Return a hash of everything that its features depend on: kind, weights, options, this code's format."""
        parts: dict[str, object] = {"format": _FORMAT, "kind": self.kind}
        if self.path is not None:
            parts["weights"] = _content_hash(self.path)
        if self._random:
            parts |= {"sizes": asdict(self.random_config or Emotion2VecConfig()), "seed": self.seed}
        if self.kind == "whisper":
            parts["pad_to_30s"] = self.pad_to_30s
        if self.kind not in {"emotion2vec", "whisper"}:
            parts["s3prl"] = version("s3prl")
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:24]


def _content_hash(path: Path) -> str:
    """Hash a file, or the names and contents of a folder's files."""
    digest = hashlib.sha256()
    for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
        if file.is_file():
            with file.open("rb") as stream:
                content = hashlib.file_digest(stream, "sha256").hexdigest()
            name = file.relative_to(path).as_posix() if path.is_dir() else ""
            digest.update(f"{name}:{content}\n".encode())
    return digest.hexdigest()
