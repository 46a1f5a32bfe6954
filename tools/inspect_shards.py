"""Verify a shard folder and write one page that shows what is in it.

python -m tools.inspect_shards shards/x --out page.html

Checksums, schema, indexes and counts are verified; emotions, speakers, languages, levels and attributes are shown, with
examples to listen to, and warnings such as the same sound in two splits. Ends with status 1 when the folder is broken.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from tools.command_line import Parser, positive_int
from tools.inspection.findings import Finding
from tools.inspection.inspection import Inspection, InspectionError
from tools.inspection.page import write_page


def lines(inspection: Inspection) -> Iterator[str]:
    """Yield what a person reads at the end: the verdict, then every error and warning with its first place."""
    total = inspection.tally.total()
    errors, warnings = inspection.findings.of("error"), inspection.findings.of("warning")
    yield f"{inspection.folder}: {total.utterances} utterances, {total.hours:.2f} h, {len(inspection.tars)} shards"
    yield from map(_line, errors)
    yield from map(_line, warnings)
    if not errors:
        yield "checksums and schema hold" + ("" if warnings else "; nothing to warn of")


def _line(finding: Finding) -> str:
    first, *others = finding.places
    more = " (more on the page)" if others else ""
    return f"{finding.kind.severity}: {finding.kind.title}: {finding.count}: {first}{more}"


def main(arguments: list[str] | None = None) -> None:
    """Run the tool: status 1 for a broken folder (with ``--strict`` for a warning too), 2 where there is none."""
    parser = Parser("tools.inspect_shards", __doc__)
    parser.add_argument("folder", type=Path, help="shard folder")
    parser.add_argument("--out", type=Path, help="page to write (default: inspection.html in the folder)")
    parser.add_argument("--examples", type=positive_int, default=10, help="of each emotion (default 10)")
    parser.add_argument("--strict", action="store_true", help="end with status 1 for warnings too")
    options = parser.parse_args(arguments)
    page = options.out or options.folder / "inspection.html"
    try:
        inspection = Inspection(options.folder, options.examples)
        write_page(inspection, page)
    except (InspectionError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
    print("\n".join([*lines(inspection), f"page: {page}"]))
    if inspection.findings.of("error") or (options.strict and inspection.findings.of("warning")):
        sys.exit(1)


if __name__ == "__main__":
    main()
