"""BIIC-Podcast (Upadhyay et al. 2023), Taiwanese Mandarin, read as a corpus in the layout of MSP-Podcast.

It was made by the method of MSP-Podcast and with its label letters; that its folders are the same is an assumption (see
docs/corpora.md), so that what differs ends in a named error and not in a wrong label.
"""

from collections.abc import Iterator
from pathlib import Path

from c2ser_lightning.data.ledger import Skip
from tools.corpora.base import ManifestRow
from tools.corpora.podcasts import Podcast

BIIC_PODCAST = Podcast("BIIC-Podcast", "biic", "zh")


def read_biic_podcast(data: Path, *, partitions: str = "") -> Iterator[ManifestRow | Skip]:
    """Read BIIC-Podcast by its partitions.

    Args:
        data: Folder of a release, which holds ``Labels``.
        partitions: Names in ``Split_Set`` to keep, joined by ``+``; all when empty.

    Raises:
        CorpusError: Not this corpus.
    """
    yield from BIIC_PODCAST.read(data, frozenset(partitions.lower().split("+")) - {""})
