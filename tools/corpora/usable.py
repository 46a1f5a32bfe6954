"""Which of a corpus' rows can be used: those whose label is known and whose key is new."""

from collections.abc import Iterable

from c2ser_lightning.data.ledger import Ledger, Skip
from c2ser_lightning.emotions import harmonise
from tools.corpora.base import ManifestRow


def usable_rows(rows: Iterable[ManifestRow | Skip], ledger: Ledger) -> list[ManifestRow]:
    """Keep usable rows in memory; name the others in the ledger."""
    kept: dict[str, ManifestRow] = {}
    for row in rows:
        if isinstance(row, Skip):
            objection: Skip | None = row
        elif row.key in kept:
            objection = repeated(row, kept[row.key].source)
        else:
            objection = label_objection(row)
        if objection is not None:
            ledger.add(objection)
        elif isinstance(row, ManifestRow):
            kept[row.key] = row
    return list(kept.values())


def repeated(row: ManifestRow, first: str) -> Skip:
    """Return the Skip of a row whose key another row has, which stands at ``first``."""
    return Skip(row.key, "duplicate_key", f"already used by {first}", row.source)


def label_objection(row: ManifestRow) -> Skip | None:
    """Return why a row's label cannot be used, or ``None``."""
    try:
        known = not row.label or harmonise(row.label, row.corpus) is not None
    except ValueError as error:
        return Skip(row.key, "unknown_label", str(error), row.source)
    if known:
        return None
    detail = f"no home among the seven emotions ({row.corpus} {row.label.strip()})"
    return Skip(row.key, "label_left_out", detail, row.source)
