"""MSP-Podcast (Lotfian & Busso 2019), English: ``Labels/labels_consensus.csv``, ``Audios``, ``Transcripts``.

Train is train, Development is dev, Test1 and Test2 (and Test3, where labels are published) are test. Contempt, other
and no agreement have no home. Votes are the workers' primary emotions of ``labels_detailed``.
"""

from collections.abc import Iterator
from pathlib import Path

from c2ser_lightning.data.ledger import Skip
from tools.corpora.base import ManifestRow
from tools.corpora.podcasts import Podcast

MSP_PODCAST = Podcast("MSP-Podcast", "msp", "en")


def read_msp_podcast(data: Path, *, partitions: str = "") -> Iterator[ManifestRow | Skip]:
    """Read MSP-Podcast by its official partitions.

    Args:
        data: Folder of a release, which holds ``Labels``.
        partitions: Names in ``Split_Set`` to keep, joined by ``+`` (``Train+Development+Test1``); all when empty.

    Raises:
        CorpusError: Not this corpus.
    """
    yield from MSP_PODCAST.read(data, frozenset(partitions.lower().split("+")) - {""})
