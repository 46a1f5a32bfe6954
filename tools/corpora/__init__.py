"""One reader a corpus, and the registry that ``--corpus`` looks names up in."""

from collections.abc import Mapping
from types import MappingProxyType

from tools.corpora.base import CorpusError, ManifestRow, Reader
from tools.corpora.csv_manifest import read_csv_manifest
from tools.corpora.ravdess import read_ravdess

READERS: Mapping[str, Reader] = MappingProxyType(
    {"csv": read_csv_manifest, "demo": read_csv_manifest, "ravdess": read_ravdess}
)

__all__ = ["READERS", "CorpusError", "ManifestRow", "Reader"]
