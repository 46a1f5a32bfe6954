"""Build a test set like Emo-Emilia from automatic labels, in three steps (paper IV-B).

python -m tools.build_emo_emilia candidates --labels labels/emilia --out review
python -m tools.build_emo_emilia sheets --candidates review --reviewers ann bo chen dee --out review/pages
python -m tools.build_emo_emilia merge --sheets review/pages --reviews review_*.json --out corpora/mine

The last folder is what --corpus emo-emilia reads. Each verb has a --help of its own.
"""

import argparse
import difflib
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from c2ser_lightning.data.ledger import Ledger
from tools.command_line import Parser, positive_int
from tools.corpora import CorpusError
from tools.emo_emilia.candidate import EmiliaError, read_candidates, write_candidates
from tools.emo_emilia.candidates import choose_candidates
from tools.emo_emilia.layout import write_layout
from tools.emo_emilia.merge import merge
from tools.emo_emilia.reviews import read_reviews
from tools.emo_emilia.sheets import write_sheets

MODULE = "tools.build_emo_emilia"
PER_CLASS_CANDIDATES, PER_CLASS, REVIEWERS = 300, 100, 4
LEDGER_FILE, REPORT_FILE = "ledger.jsonl", "report.json"


def candidates(arguments: Sequence[str]) -> list[str]:
    """Choose candidates from what tools.auto_label wrote: 300 per emotion and language, the surest first."""
    parser = _parser("candidates", candidates)
    parser.add_argument("--labels", type=Path, nargs="+", required=True, help="folders or manifests of auto_label")
    parser.add_argument("--out", type=Path, required=True, help="folder of candidates.jsonl")
    parser.add_argument("--per-class", type=positive_int, default=PER_CLASS_CANDIDATES, help="default 300")
    order = "highest confidence first (default), or drawn at random as in the paper"
    parser.add_argument("--order", choices=["confidence", "random"], default="confidence", help=order)
    parser.add_argument("--seed", type=int, default=0, help="of the draw, and of ties")
    given = parser.parse_args(arguments)
    chosen = choose_candidates(given.labels, given.per_class, given.order, given.seed)
    if not chosen.candidates:
        raise EmiliaError("\n".join([*chosen.lines(), "there is no candidate"]))
    return [*chosen.lines(), f"they are in {write_candidates(chosen.candidates, given.out)}"]


def sheets(arguments: Sequence[str]) -> list[str]:
    """Write one page per reviewer, to be opened in a browser."""
    parser = _parser("sheets", sheets)
    parser.add_argument("--candidates", type=Path, required=True, help="candidates.jsonl or its folder")
    parser.add_argument("--reviewers", nargs="+", required=True, metavar="NAME", help="the paper has four")
    parser.add_argument("--out", type=Path, required=True, help="folder of the pages")
    how = "sound in audio/ beside the pages (default), or within each page, which is then one large file"
    parser.add_argument("--audio", choices=["link", "embed"], default="link", help=how)
    parser.add_argument("--seed", type=int, default=0, help="of the orders")
    given = parser.parse_args(arguments)
    found = read_candidates(given.candidates)
    return write_sheets(found, given.reviewers, given.out, given.audio, given.seed).lines()


def merge_reviews(arguments: Sequence[str]) -> list[str]:
    """Keep what all reviewers agree on: 100 per emotion and language, in Emo-Emilia's layout."""
    parser = _parser("merge", merge_reviews)
    parser.add_argument("--sheets", type=Path, required=True, help="folder of the pages")
    parser.add_argument("--reviews", type=Path, nargs="+", required=True, help="files that the pages saved")
    parser.add_argument("--out", type=Path, required=True, help="folder of the corpus")
    parser.add_argument("--reviewers", type=positive_int, default=REVIEWERS, help="how many there must be (default 4)")
    parser.add_argument("--per-class", type=positive_int, default=PER_CLASS, help="default 100")
    parser.add_argument("--equal", action="store_true", help="where a class falls short, cut all others to its size")
    parser.add_argument("--allow-open", action="store_true", help="count unanswered utterances as unsure")
    parser.add_argument("--seed", type=int, default=0, help="of the draw from full classes")
    given = parser.parse_args(arguments)
    found = read_candidates(given.sheets)
    reviews = read_reviews(given.reviews, found, given.reviewers, allow_open=given.allow_open)
    merged = merge(found, reviews, given.per_class, given.seed, equal=given.equal)
    listing, unread = write_layout(merged.kept, given.out)
    ledger = Ledger()
    ledger.extend([*merged.dropped, *unread])
    ledger.write(given.out / LEDGER_FILE)
    write_candidates(merged.kept, given.out)
    report = json.dumps(merged.summary() | {"unreadable": len(unread)}, ensure_ascii=False, indent=1)
    (given.out / REPORT_FILE).write_text(report + "\n", encoding="utf-8")
    return [*merged.lines(), *(f"unreadable: {skip.key}: {skip.detail}" for skip in unread), f"{listing} lists them"]


VERBS: dict[str, Callable[[Sequence[str]], list[str]]] = {
    "candidates": candidates,
    "sheets": sheets,
    "merge": merge_reviews,
}


def _parser(verb: str, function: Callable[..., object]) -> argparse.ArgumentParser:
    return Parser(f"{MODULE} {verb}", function.__doc__)


def main(arguments: list[str] | None = None) -> None:
    """Run a verb; what cannot be used ends with status 2 and one line."""
    given = sys.argv[1:] if arguments is None else arguments
    verb = given[0] if given else ""
    if verb not in VERBS:
        if verb in {"-h", "--help"}:
            print(f"usage: python -m {MODULE} {{{','.join(VERBS)}}} ...\n\n{__doc__}")
            return
        near = difflib.get_close_matches(verb, VERBS, 1)
        hint = f"; did you mean {near[0]}?" if near else ""
        print(f"error: {verb!r} is no verb of {MODULE}; there are {', '.join(VERBS)}{hint}", file=sys.stderr)
        sys.exit(2)
    try:
        lines = VERBS[verb](given[1:])
    except (CorpusError, EmiliaError) as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
    print("\n".join(lines))


if __name__ == "__main__":
    main()
