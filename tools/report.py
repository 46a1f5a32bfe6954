"""Put finished tests of several systems on one page: ``explicit=runs/stage1 implicit=runs/stage2``."""

import argparse
import sys
from pathlib import Path

from c2ser_lightning.report.comparison import compare
from c2ser_lightning.report.html import ReportError, write_report
from c2ser_lightning.report.predictions import PredictionFileError
from c2ser_lightning.report.probes import ProbeFileError
from c2ser_lightning.report.results import ResultError
from c2ser_lightning.report.tables import paired_line, score_table
from tools.evaluating.named_tests import SameTestError, read_tests


def main(arguments: list[str] | None = None) -> None:
    """Run the tool."""
    parser = argparse.ArgumentParser(prog="python -m tools.report", description=__doc__)
    parser.add_argument("systems", nargs="+", metavar="NAME=FOLDER", help="folder of a finished test, and its title")
    parser.add_argument("--out", type=Path, default=Path("report.html"), help="page to write (default report.html)")
    options = parser.parse_args(arguments)
    try:
        results = read_tests(options.systems)
        write_report(results, options.out)
    except (FileNotFoundError, SameTestError, ReportError, ResultError, PredictionFileError, ProbeFileError) as error:
        sys.exit(f"error: {error}")
    pairs = [paired_line(results[0].name, other.name, compare(results[0], other)) for other in results[1:]]
    print("\n".join([score_table(results), *pairs, f"report: {options.out}"]))


if __name__ == "__main__":
    main()
