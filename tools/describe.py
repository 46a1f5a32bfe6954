"""Print the paper's Tables II and IV for the corpora you have: utterances, hours, emotions, speakers, languages.

python -m tools.describe --corpus meld --data MELD.Raw --corpus esd --data ESD --reader-option held_out=official

Only utterances that pass the paper's filters are counted: the seven emotions, and at most 20 seconds.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from c2ser_lightning.data.ledger import Ledger
from tools.command_line import Parser, positive_float
from tools.corpora import CorpusError, corpus_name, open_corpus
from tools.corpus_counts import CorpusCount, count_corpora, table


@dataclass(slots=True)
class Source:
    """One corpus of the command line."""

    corpus: str
    data: Path | None = None
    options: list[str] = field(default_factory=list)


class _AddCorpus(argparse.Action):
    """``--corpus`` begins a source; ``--data`` and ``--reader-option`` belong to the one before them."""

    def __call__(
        self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: Any, option: str | None = None
    ) -> None:
        sources: list[Source] = namespace.sources
        if option == "--corpus":
            namespace.sources = [*sources, Source(values)]
        elif not sources:
            parser.error(f"{option} stands before the first --corpus; write --corpus first")
        elif option == "--data":
            if sources[-1].data is not None:
                parser.error(f"--corpus {sources[-1].corpus} has two --data")
            sources[-1].data = values
        else:
            sources[-1].options.append(values)


def describe(sources: Sequence[Source], max_seconds: float, *, lists_only: bool, ledger: Path | None) -> str:
    """Return the table of all sources and its notes.

    Raises:
        CorpusError: A corpus cannot be read, or nothing of it is usable.
    """
    counts: list[CorpusCount] = []
    notes: list[str] = []
    everything = Ledger()
    for source in sources:
        if source.data is None:
            raise CorpusError(f"--corpus {source.corpus} has no --data")
        rows = open_corpus(source.corpus, source.data, source.options)
        left_out = Ledger()
        found = count_corpora(rows, max_seconds, left_out, lists_only=lists_only)
        if not any(count.total.utterances for count in found):
            hint = "" if lists_only else "; to count lists without audio, add --lists-only"
            raise CorpusError(f"no usable utterance in {source.data}: {left_out.summary()}{hint}")
        counts += found
        notes += [*(note for count in found for note in count.notes()), f"  {left_out.summary()}"]
        everything.extend(left_out.skips)
    if ledger is not None:
        everything.write(ledger)
    return "\n".join([table(counts), "", *notes])


def main(arguments: list[str] | None = None) -> None:
    """Run the tool; a corpus that cannot be used ends with status 2 and one line."""
    parser = Parser("tools.describe", __doc__)
    parser.set_defaults(sources=[])
    parser.add_argument(
        "--corpus", action=_AddCorpus, type=corpus_name, required=True, help="a name in docs/corpora.md"
    )
    parser.add_argument("--data", action=_AddCorpus, type=Path, help="its folder or list; follows its --corpus")
    parser.add_argument("--reader-option", action=_AddCorpus, metavar="KEY=VALUE", help="option of its reader")
    parser.add_argument("--max-seconds", type=positive_float, default=20.0, help="leave out longer ones (default 20)")
    parser.add_argument("--lists-only", action="store_true", help="do not look at the audio")
    parser.add_argument("--ledger", type=Path, help="write what is left out, one JSON object a line")
    given = parser.parse_args(arguments)
    try:
        print(describe(given.sources, given.max_seconds, lists_only=given.lists_only, ledger=given.ledger))
    except CorpusError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
