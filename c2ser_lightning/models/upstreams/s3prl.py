"""WavLM, HuBERT, wav2vec 2.0, data2vec and filter banks through s3prl, from files on this machine only.

s3prl reaches for the network in three ways: by a registered name, by a URL in place of a file, and for the feature
extractor of a Hugging Face folder that lacks one. Only entries that take a local path are used, and the path is looked
at first, so none of the three can happen.
"""

import contextlib
import io
import pickle
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
from torch import Tensor

from c2ser_lightning.models.upstreams.base import Upstream, UpstreamError, leading

FILE_ENTRIES = {kind: f"{kind}_local" for kind in ("wavlm", "hubert", "wav2vec2", "data2vec")}
"""Upstreams that s3prl reads from one checkpoint file."""

FOLDER_ENTRIES = {kind: f"{kind}_custom" for kind in ("hf_hubert", "hf_wav2vec2")}
"""Upstreams that s3prl reads from a Hugging Face folder."""

FILTER_BANKS = ("fbank", "fbank_no_cmvn", "mel", "mfcc", "linear", "spectrogram")
"""Upstreams without weights."""

SHORTEST = 800
"""s3prl pads shorter clips to 0.05 s."""

_EXTRACTOR_FILE = "preprocessor_config.json"
_LOAD_ERRORS = (pickle.UnpicklingError, RuntimeError, ValueError, LookupError, AssertionError, TypeError, OSError)


class S3prlUpstream(Upstream):
    """The last hidden state of an s3prl upstream.

    Group norm in the convolutional front end and unmasked positional convolutions let padding change an utterance's
    frames, so clips are exact only one at a time. s3prl counts ceil(samples / hop) frames and repeats the last one to
    get there; that is kept, since published s3prl figures have it.
    """

    exact_in_batches = False
    shortest = SHORTEST

    def __init__(self, kind: str, path: Path | None) -> None:
        """Load an upstream.

        Args:
            kind: One of the entries above.
            path: Its file or folder; ``None`` for filter banks.

        Raises:
            UpstreamError: s3prl is not installed, or cannot read the path.
        """
        super().__init__()
        constructor = import_s3prl().S3PRLUpstream
        entry = {**FILE_ENTRIES, **FOLDER_ENTRIES}.get(kind, kind)
        try:
            self.model = constructor(entry, None if path is None else str(path))
        except _LOAD_ERRORS as error:
            raise UpstreamError(_unreadable(kind, path, error)) from error
        self.model.requires_grad_(False).eval()
        self.dimension = int(self.model.hidden_sizes[-1])
        self.hop = int(self.model.downsample_rates[-1])

    def _extract(self, waveforms: Tensor, lengths: list[int]) -> tuple[Tensor, Tensor]:
        states, counts = self.model(waveforms, torch.tensor(lengths, device=waveforms.device))
        frames: Tensor = states[-1]
        return frames, leading(counts[-1].to(frames.device), frames.shape[1])


def check_path(kind: str, path: Path) -> None:
    """Look at a path before s3prl does.

    Raises:
        UpstreamError: It is missing, or s3prl would need the network beside it.
    """
    if kind in FILE_ENTRIES and not path.is_file():
        raise UpstreamError(f"no checkpoint file {path} for {kind}; nothing is downloaded, see docs/probing.md")
    if kind in FOLDER_ENTRIES:
        if not path.is_dir():
            raise UpstreamError(f"no folder {path} for {kind}; nothing is downloaded, see docs/probing.md")
        if not (path / _EXTRACTOR_FILE).is_file():
            raise UpstreamError(
                f"{path} has no {_EXTRACTOR_FILE}, for which s3prl would ask the hub; save the model's feature "
                "extractor there"
            )


def import_s3prl() -> ModuleType:
    """Import ``s3prl.nn`` beside a torchaudio that no longer has what s3prl looks for at import.

    Raises:
        UpstreamError: s3prl, or something that it imports, is not installed.
    """
    _restore_torchaudio_names()
    try:
        with contextlib.redirect_stderr(io.StringIO()):
            import s3prl.nn
    except ModuleNotFoundError as error:
        raise UpstreamError(f"{error}; upstreams of s3prl need: pip install 'c2ser_lightning[ssl]'") from error
    module: ModuleType = s3prl.nn
    return module


def _restore_torchaudio_names() -> None:
    """Give torchaudio the two removed names that s3prl's collection of upstreams touches while it is imported."""
    import torchaudio

    if not hasattr(torchaudio, "set_audio_backend"):
        torchaudio.set_audio_backend = lambda *_: None
    if not hasattr(torchaudio, "sox_effects"):
        effects = ModuleType("torchaudio.sox_effects")
        effects.__dict__.update(apply_effects_tensor=_no_effects, apply_effects_file=_no_effects)
        sys.modules["torchaudio.sox_effects"] = torchaudio.sox_effects = effects


def _no_effects(*_arguments: Any, **_settings: Any) -> Any:
    raise RuntimeError("this torchaudio has no sox effects")


def _unreadable(kind: str, path: Path | None, error: Exception) -> str:
    detail = f"{type(error).__name__}: {error}".split("\n")[0][:300]
    hint = f"s3prl reads files of its own form, such as {kind} under s3prl/converted_ckpts" if path else "see the cause"
    return f"{path or kind} is no {kind} upstream that s3prl can read ({detail}); {hint}, see docs/probing.md"
