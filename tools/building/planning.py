"""Stage 1: a corpus becomes numbered units of 16 to 64 rows, on disk, and what cannot be a row goes into the ledger."""

import hashlib
from dataclasses import dataclass

from c2ser_lightning.data.ledger import Skip
from tools.building.ledger_file import LedgerFile
from tools.building.row_file import fingerprint, read_rows, write_rows
from tools.building.work_folder import WorkFolder
from tools.corpora.base import ManifestRow
from tools.corpora.usable import label_objection, repeated
from tools.hash_index import HashIndex
from tools.splitting import SplitFiller

FEWEST_ROWS, MOST_ROWS = 16, 64
LONGEST_KEY = 96
"""Bytes of a key: a tar's plain format has 100 for key and suffix."""


@dataclass(frozen=True, slots=True)
class Unit:
    """Rows that one process works on at a time.

    Attributes:
        number: Place among the units.
        rows: How many rows it has.
        key: Hash of its recordings and of how they are measured; not of labels or transcripts.
    """

    number: int
    rows: int
    key: str


@dataclass(frozen=True, slots=True)
class Plan:
    """All units, and a sentence on how splits were made.

    Attributes:
        units: In the corpus' order; some 8 bytes an utterance.
        note: Empty when the corpus names its splits.
    """

    units: list[Unit]
    note: str

    @property
    def rows(self) -> int:
        """Rows of all units."""
        return sum(unit.rows for unit in self.units)


class Planner:
    """Takes rows one by one; remembers 16 bytes of each, speakers, and the rows of the unit at hand."""

    def __init__(self, work: WorkFolder, recipe: str, ledger: LedgerFile) -> None:
        """Plan into a work folder.

        Args:
            work: Receives the rows.
            recipe: Hash of how recordings are measured.
            ledger: Receives what cannot be used.
        """
        self.work = work
        self.recipe = recipe
        self.ledger = ledger
        self._units: list[Unit] = []
        self._rows: list[ManifestRow] = []
        self._known = HashIndex()
        self._splits = SplitFiller()

    def take(self, item: ManifestRow | Skip) -> None:
        """Plan a row, or name it in the ledger.

        Raises:
            StrictModeError: It cannot be used and the ledger is strict.
        """
        objection = item if isinstance(item, Skip) else self._objection(item)
        if objection is not None:
            self.ledger.add(objection)
        elif isinstance(item, ManifestRow):
            self._known.note(_hash(item.key), len(self._units) * MOST_ROWS + len(self._rows))
            self._splits.learn(item)
            self._rows.append(item)
            if self._ends_unit(item):
                self._close()

    def finish(self) -> Plan:
        """Close the last unit, and give rows without a split one now that all speakers are known."""
        if self._rows:
            self._close()
        for unit in self._units if self._splits.missing else ():
            path = self.work.rows(unit.number)
            write_rows(path, [self._splits.filled(row) for row in read_rows(path)])
        return Plan(self._units, self._splits.note())

    def _objection(self, row: ManifestRow) -> Skip | None:
        first = self._first_with(row.key)
        if first is not None:
            return repeated(row, first.source)
        if not row.key or len(row.key.encode()) > LONGEST_KEY or set("./\0") & set(row.key):
            detail = f"a key has 1 to {LONGEST_KEY} bytes, without dot and slash, so that it can name a file in a tar"
            return Skip(row.key, "bad_key", detail, row.source)
        return label_objection(row)

    def _first_with(self, key: str) -> ManifestRow | None:
        place = self._known.get(_hash(key))
        if place is None:
            return None
        number, position = divmod(place, MOST_ROWS)
        rows = self._rows if number == len(self._units) else read_rows(self.work.rows(number))
        # Another key may have the same hash.
        return rows[position] if rows[position].key == key else None

    def _ends_unit(self, row: ManifestRow) -> bool:
        """Whether a unit ends here: rows say so themselves, so one row more changes one unit, not all behind."""
        count = len(self._rows)
        return count == MOST_ROWS or (count >= FEWEST_ROWS and _hash(row.key) % FEWEST_ROWS == 0)

    def _close(self) -> None:
        unit = Unit(
            len(self._units), len(self._rows), digest(self.recipe, *(fingerprint(row.audio) for row in self._rows))
        )
        write_rows(self.work.rows(unit.number), self._rows)
        self._units.append(unit)
        self._rows = []


def _hash(key: str) -> int:
    return int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8).digest(), "big")


def digest(*parts: str) -> str:
    """Return the hash of several texts, which are kept apart."""
    summed = hashlib.sha256()
    for part in parts:
        data = part.encode()
        summed.update(f"{len(data)}:".encode() + data)
    return summed.hexdigest()[:32]
