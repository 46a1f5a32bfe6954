"""A corpus in numbers, as the paper's Tables II and IV count them: utterances, hours, emotions, speakers, languages."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from tqdm import tqdm

from c2ser_lightning.data.audio import AudioError
from c2ser_lightning.data.ledger import Ledger, Skip
from c2ser_lightning.emotions import EMOTIONS, harmonise
from tools.corpora.base import SPLITS, ManifestRow
from tools.corpora.paper import PaperFacts, paper_facts
from tools.corpora.recording import recording_seconds
from tools.corpora.usable import usable_rows

UNLABELLED = "unlabelled"
COLUMNS = (*EMOTIONS, UNLABELLED)


@dataclass(slots=True)
class Count:
    """One line of the table: a split, or all of a corpus.

    Attributes:
        utterances: How many are kept.
        seconds: Their length together, of those whose length is known.
        unknown_length: How many have no known length.
        emotions: How many of each emotion.
        speakers: Their names.
        languages: How many of each language.
    """

    utterances: int = 0
    seconds: float = 0.0
    unknown_length: int = 0
    emotions: Counter[str] = field(default_factory=Counter)
    speakers: set[str] = field(default_factory=set)
    languages: Counter[str] = field(default_factory=Counter)

    def add(self, row: ManifestRow, seconds: float | None) -> None:
        """Count one utterance."""
        self.utterances += 1
        self.seconds += seconds or 0.0
        self.unknown_length += seconds is None
        self.emotions[(harmonise(row.label, row.corpus) if row.label else None) or UNLABELLED] += 1
        self.speakers.add(row.speaker)
        self.languages[row.language] += 1

    def cells(self) -> tuple[str, ...]:
        """Return the line's cells after corpus and split."""
        hours = "-" if self.unknown_length == self.utterances else f"{self.seconds / 3600:.2f}"
        hours += "+" if 0 < self.unknown_length < self.utterances else ""
        known = self.speakers - {"unknown"}
        speakers = str(len(known)) if known else "-"
        counts = (str(self.emotions[name] or "-") for name in COLUMNS)
        return (str(self.utterances), hours, speakers, ",".join(sorted(self.languages)), *counts)


@dataclass(slots=True)
class CorpusCount:
    """A corpus by split; ``listed`` counts the rows before any filter."""

    corpus: str
    listed: int
    splits: dict[str, Count]
    total: Count

    def lines(self) -> Iterator[tuple[str, ...]]:
        """Yield the lines of the table: splits, all together, and the paper's count beside it."""
        for split in (*SPLITS, ""):
            if split in self.splits:
                yield (self.corpus, split or "no split", *self.splits[split].cells())
        if len(self.splits) != 1:
            yield (self.corpus, "all", *self.total.cells())
        for facts in paper_facts(self.corpus):
            yield (self.corpus, f"paper {facts.table}", *_paper_cells(facts))

    def notes(self) -> Iterator[str]:
        """Yield what the table does not say."""
        yield f"{self.corpus}: {self.total.utterances} kept of {self.listed} listed"
        yield from (
            f"  paper, Table {facts.table}: {facts.remark}" for facts in paper_facts(self.corpus) if facts.remark
        )


def _paper_cells(facts: PaperFacts) -> tuple[str, ...]:
    hours = "-" if facts.hours is None else f"{facts.hours:.2f}"
    named = ("yes" if name in facts.emotions else "-" for name in COLUMNS)
    return (str(facts.utterances), hours, "-", facts.language, *named)


def count_corpora(
    items: Iterable[ManifestRow | Skip], max_seconds: float, ledger: Ledger, *, lists_only: bool
) -> list[CorpusCount]:
    """Count what a reader yields, under the filters of the paper (IV-A): the seven labels, and at most 20 seconds.

    Args:
        items: Rows and Skips.
        max_seconds: Longer utterances are left out.
        ledger: Receives what is left out.
        lists_only: Do not look at the audio; lengths are those that the lists state.

    Returns:
        One count for each corpus that the rows name; a list of several corpora has several.
    """
    listed = Counter[str]()
    rows = usable_rows(_counted(items, listed), ledger)
    counts: dict[str, CorpusCount] = {}
    for row in tqdm(rows, desc="reading lengths", unit="utt", disable=lists_only):
        count = counts.setdefault(row.corpus, CorpusCount(row.corpus, 0, {}, Count()))
        try:
            seconds = row.seconds if lists_only else recording_seconds(row.audio)
        except AudioError as error:
            ledger.add(Skip(row.key, error.reason, str(error), row.source))
            continue
        if seconds is not None and seconds > max_seconds:
            ledger.add(Skip(row.key, "too_long", f"{seconds:.1f} s is longer than {max_seconds:g} s", row.source))
            continue
        for part in (count.total, count.splits.setdefault(row.split, Count())):
            part.add(row, seconds)
    for corpus, count in counts.items():
        count.listed = listed[corpus]
    return list(counts.values())


def _counted(items: Iterable[ManifestRow | Skip], listed: Counter[str]) -> Iterator[ManifestRow | Skip]:
    for item in items:
        if isinstance(item, ManifestRow):
            listed[item.corpus] += 1
        yield item


def table(counts: Sequence[CorpusCount]) -> str:
    """Return the table for the terminal."""
    head = ("corpus", "split", "utts", "hours", "speakers", "language", *COLUMNS)
    lines = [head, *(line for count in counts for line in count.lines())]
    widths = [max(len(line[place]) for line in lines) for place in range(len(head))]
    texts = [
        "  ".join(_aligned(cell, width, place) for place, (cell, width) in enumerate(zip(line, widths, strict=True)))
        for line in lines
    ]
    return "\n".join([texts[0], "-" * len(texts[0]), *texts[1:]])


def _aligned(cell: str, width: int, place: int) -> str:
    return cell.ljust(width) if place in {0, 1, 5} else cell.rjust(width)
