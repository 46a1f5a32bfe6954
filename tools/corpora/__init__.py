"""One reader a corpus, and the registry that ``--corpus`` looks names up in."""

from collections.abc import Mapping
from types import MappingProxyType

from tools.corpora.base import CorpusError, ManifestRow, Reader
from tools.corpora.csv_manifest import read_csv_manifest
from tools.corpora.demo import read_demo
from tools.corpora.ravdess import read_ravdess

READERS: Mapping[str, Reader] = MappingProxyType({"csv": read_csv_manifest, "demo": read_demo, "ravdess": read_ravdess})

SYNTHETIC_CORPORA = frozenset({"demo"})
"""Names (as in ``ManifestRow.corpus``) of corpora in which no human speaks."""

__all__ = ["READERS", "SYNTHETIC_CORPORA", "CorpusError", "ManifestRow", "Reader"]
