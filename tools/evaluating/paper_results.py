"""The paper's figures, to stand beside ours."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

SOURCE = Path(__file__).with_suffix(".tsv")
SETS = ("m3ed", "meld", "esd", "casia", "emovdb", "asvp_esd", "emovo", "mesd", "emo_emilia")
"""The nine test sets, in the paper's order."""


@dataclass(frozen=True, slots=True)
class PaperResult:
    """One system on one test set; scores are shares, not per cent.

    Attributes:
        table: Number of the paper's table.
        system: As the paper names it.
        test_set: One of :data:`SETS`.
        ua: Unweighted accuracy.
        wa: Accuracy.
        macro_f1: Macro-F1.
    """

    table: str
    system: str
    test_set: str
    ua: float
    wa: float
    macro_f1: float


def paper_results(tables: Sequence[str] = ("V", "VI", "VII", "VIII", "IX")) -> list[PaperResult]:
    """Return the figures of some tables, in their order."""
    lines = SOURCE.read_text(encoding="utf-8").splitlines()
    rows = (line.split("\t") for line in lines if not line.startswith("#"))
    found = [
        PaperResult(table, system, test_set, float(ua) / 100, float(wa) / 100, float(macro_f1) / 100)
        for table, system, test_set, ua, wa, macro_f1 in rows
    ]
    return [one for one in found if one.table in tables]
