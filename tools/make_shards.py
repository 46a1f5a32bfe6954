"""Build annotated WebDataset shards from a corpus: read, measure, set levels, write texts, pack. Run again to go on.

python -m tools.make_shards --corpus csv --data my_corpus/manifest.csv --out shards/my_corpus
"""

import errno
import sys

from c2ser_lightning.data.ledger import StrictModeError
from c2ser_lightning.models.backbone import BackboneError
from tools.attributes.pitch import PitchError
from tools.building.options import parse
from tools.building.pipeline import build
from tools.building.work_folder import BuildError
from tools.corpora import CorpusError
from tools.level_source import LevelsError
from tools.teachers.exchange import TeacherError

EXPECTED = (BackboneError, BuildError, CorpusError, LevelsError, PitchError, StrictModeError, TeacherError)


def main(arguments: list[str] | None = None) -> None:
    """Run the tool; what cannot be built ends with status 2 and one line."""
    options = parse("tools.make_shards", __doc__, arguments)
    try:
        build(options)
    except EXPECTED as error:
        _stop(str(error))
    except OSError as error:
        if error.errno not in {errno.ENOSPC, errno.EDQUOT}:
            raise
        _stop(f"{error}; what is finished is kept: make room and run again")


def _stop(reason: str) -> None:
    print(f"error: {reason}", file=sys.stderr)
    sys.exit(2)


if __name__ == "__main__":
    main()
