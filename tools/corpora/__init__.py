"""One reader a corpus, and the registry that ``--corpus`` looks names up in."""

from tools.corpora.base import CorpusError, ManifestRow, Reader
from tools.corpora.opening import corpus_name, open_corpus
from tools.corpora.registry import READERS, SYNTHETIC_CORPORA

__all__ = ["READERS", "SYNTHETIC_CORPORA", "CorpusError", "ManifestRow", "Reader", "corpus_name", "open_corpus"]
