"""Small corpora in the layouts of the real ones: files without sound where only names matter."""

from collections.abc import Iterable
from pathlib import Path

import pytest
import soundfile

from c2ser_lightning.data.ledger import Skip
from tests.conftest import ROOT
from tests.tools.sounds import sine
from tools.corpora.base import ManifestRow

REAL_DATA = ROOT.parent / "shared" / "data"


def real(name: str) -> Path:
    """A folder of real lists or speech beside the repository; the test is skipped where there is none."""
    folder = REAL_DATA / name
    if not folder.is_dir():
        pytest.skip(f"no {folder}: the real lists are not part of the repository")
    return folder


def touch(folder: Path, *names: str) -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return folder


def write(folder: Path, name: str, text: str, encoding: str = "utf-8") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode(encoding))
    return path


def speak(path: Path, seconds: float = 0.5, frequency: float = 200.0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, sine(frequency, seconds), 16_000)
    return path


def split_kinds(items: Iterable[ManifestRow | Skip]) -> tuple[list[ManifestRow], list[Skip]]:
    listed = list(items)
    rows = [item for item in listed if isinstance(item, ManifestRow)]
    return rows, [item for item in listed if isinstance(item, Skip)]


def reasons(items: Iterable[ManifestRow | Skip]) -> dict[str, str]:
    return {skip.key: skip.reason for skip in split_kinds(items)[1]}
