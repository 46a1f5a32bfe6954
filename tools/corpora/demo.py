"""The synthetic demo corpus, as ``tools.make_demo_corpus`` writes it."""

from collections.abc import Iterator
from pathlib import Path

from c2ser_lightning.data.ledger import Skip
from tools.corpora.base import CorpusError, ManifestRow
from tools.corpora.csv_manifest import read_csv_manifest


def read_demo(data: Path) -> Iterator[ManifestRow | Skip]:
    """Read the demo corpus of a folder.

    Raises:
        CorpusError: The folder holds none.
    """
    if not (data / "manifest.csv").is_file():
        raise CorpusError(f"no demo corpus in {data}; make it with: python -m tools.make_demo_corpus --out {data}")
    yield from read_csv_manifest(data)
