"""Stage 5: levels by the statistics of all, texts by the teacher, and each record to its shard."""

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from c2ser_lightning.data.record import UtteranceRecord
from tools.building.describing import usable_entries
from tools.building.measuring import Clip
from tools.building.spool import Spool
from tools.building.work_folder import UnitFiles, WorkFolder
from tools.corpora import SYNTHETIC_CORPORA
from tools.level_source import Leveller, LevelSource
from tools.shard_info import SplitCounts, missing_values
from tools.teachers.cot import KINDS, written
from tools.teachers.desk import desk
from tools.teachers.report import TeacherReport
from tools.teachers.settings import TeacherSettings

TITLE = "setting levels, writing texts"


@dataclass(slots=True)
class Totals:
    """What ``info.json`` and the last lines say of all utterances; grows with the number of speakers."""

    splits: dict[str, SplitCounts] = field(default_factory=dict)
    unmeasured: Counter[str] = field(default_factory=Counter)
    synthetic: bool = False

    def add(self, record: UtteranceRecord) -> None:
        """Count one utterance."""
        self.splits.setdefault(record.split, SplitCounts()).add(record)
        self.unmeasured.update(missing_values(record))
        self.synthetic |= record.corpus in SYNTHETIC_CORPORA

    @property
    def languages(self) -> set[str]:
        """Languages of all splits."""
        return set().union(*(split.languages for split in self.splits.values()))


@dataclass(frozen=True, slots=True)
class Place:
    """Where an utterance's sound is."""

    unit: str
    number: int
    clip: Clip


def write_texts(
    units: Sequence[UnitFiles],
    work: WorkFolder,
    source: LevelSource,
    teacher: tuple[TeacherSettings, Path],
    spool: Spool,
    total: int,
) -> tuple[Totals, LevelSource, TeacherReport]:
    """Finish every record, part by part; the teacher's journal answers what was asked before.

    Args:
        units: Files of all units, in order.
        work: Holds them.
        source: Statistics that set the levels.
        teacher: Who writes the texts, and the folder of the journal.
        spool: Receives the records.
        total: How many there are.

    Returns:
        Counts of all, the statistics with fallbacks counted, and what the teacher did.

    Raises:
        TeacherError: The teacher cannot be set up or has stopped answering; run again to go on.
    """
    leveller, totals = Leveller(source), Totals()
    places: deque[Place] = deque()

    def levelled() -> Iterator[UtteranceRecord]:
        for record, place in _utterances(units, work):
            places.append(place)
            yield leveller.levelled(record)

    with desk(*teacher, total, TITLE, KINDS) as made:
        for record in written(levelled(), made):
            place = places.popleft()
            spool.add(record, place.unit, place.number, place.clip)
            totals.add(record)
    spool.flush()
    return totals, leveller.counted(), made.report


def _utterances(units: Iterable[UnitFiles], work: WorkFolder) -> Iterator[tuple[UtteranceRecord, Place]]:
    for files in units:
        for number, entry in enumerate(usable_entries(work.records(files.records))):
            yield entry.record, Place(files.sound, number, entry.clip)
