"""Features on disk: one file for each (upstream, sound), named by content, written whole or not at all."""

import hashlib
import os
import tempfile
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Features = NDArray[np.float16] | NDArray[np.float32]


def sound_digest(encoded: bytes, cut: str) -> str:
    """Name a sound by the bytes of its file and what of it is meant, wherever the file lies."""
    return hashlib.sha256(encoded + b"\0" + cut.encode()).hexdigest()[:32]


class FeatureStore:
    """Frames of one upstream's utterances, in ``<folder>/<fingerprint>/<2 letters>/<digest>.npy``."""

    def __init__(self, folder: Path, fingerprint: str) -> None:
        """Use a folder, which several upstreams and processes may share."""
        self._folder = folder / fingerprint

    def path(self, digest: str) -> Path:
        """Return where a sound's features lie or will lie."""
        return self._folder / digest[:2] / f"{digest}.npy"

    def holds(self, digest: str) -> bool:
        """Whether a sound's features are there and whole; a file cut short by a full disk counts as missing."""
        path = self.path(digest)
        try:
            features = np.load(path, mmap_mode="r", allow_pickle=False)
        except (OSError, ValueError, EOFError):
            return False
        return features.ndim == 2 and len(features) > 0

    def write(self, digest: str, frames: Tensor) -> None:
        """Store frames ``[T, D]`` in half precision, or in single where a value is beyond half's range."""
        single = frames.detach().to("cpu", torch.float32).numpy()
        with np.errstate(over="ignore"):
            half = single.astype(np.float16)
        self._write(digest, half if np.isfinite(half).all() else single)

    def _write(self, digest: str, features: Features) -> None:
        path = self.path(digest)
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
        try:
            with os.fdopen(handle, "wb") as file:
                np.save(file, features, allow_pickle=False)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise

    def read(self, digest: str) -> Tensor:
        """Return frames ``[T, D]``."""
        return torch.from_numpy(np.load(self.path(digest), allow_pickle=False))
