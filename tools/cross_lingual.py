"""Does a system recognise emotion in languages that it was not trained on? Scores by test set and language.

python -m tools.cross_lingual runs/eval/ours/* --out runs/eval/ours
python -m tools.cross_lingual written=runs/a scored=runs/b      # two ways to answer on one test set

Which languages a system was trained on stands in its checkpoint and, from there, in the ``metrics.json`` of its tests.
For tests without it, name the training shards (``--train-shards``), or the languages of a system that was trained
elsewhere (``--trained-on``). cross_lingual.md, .json and .html are written.
"""

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from pathlib import Path

from c2ser_lightning.data.datamodule import EmotionDataModule, SplitConfig
from c2ser_lightning.data.shard_index import ShardError
from c2ser_lightning.report.environment import page_environment
from c2ser_lightning.report.json_numbers import without_nan
from c2ser_lightning.report.predictions import PredictionFileError
from c2ser_lightning.report.probes import ProbeFileError
from c2ser_lightning.report.results import METRICS_FILE, Result, ResultError
from tools.evaluating.cross_lingual import averages, rows
from tools.evaluating.named_tests import SameTestError, named_folder, read_tests
from tools.evaluating.table import Grid, language_grids

NAME = "cross_lingual"
NOTE = (
    "Zero-shot: no labelled utterance that the system was trained on is in this language; what its frozen backbones "
    "heard in their own pretraining does not count. Averages are means over languages, a language's figure being the "
    "mean over its test sets. Intervals are 95 % bootstrap intervals over utterances. UA is the mean recall of the "
    "emotions that occur; Macro-F1 is over the label set of the test set."
)


def write(results: Sequence[Result], out: Path) -> str:
    """Write the three files and return the Markdown."""
    found = rows(results)
    means = averages(found)
    tables = language_grids(found, means)
    trained = _training_lines(results)
    out.mkdir(parents=True, exist_ok=True)
    text = "\n\n".join(["# Languages", NOTE, *trained, *(table.markdown() for table in tables)]) + "\n"
    (out / f"{NAME}.md").write_text(text, encoding="utf-8")
    languages = {result.name: list(result.training_languages) for result in results}
    table = {"rows": [asdict(row) for row in found], "averages": [asdict(one) for one in means]}
    content = json.dumps(without_nan({"trained_on": languages, **table}), ensure_ascii=False, indent=1)
    (out / f"{NAME}.json").write_text(content + "\n", encoding="utf-8")
    (out / f"{NAME}.html").write_text(_page(tables, trained), encoding="utf-8")
    return text


def _page(tables: Sequence[Grid], trained: Sequence[str]) -> str:
    page = page_environment(Path(__file__).parent / "evaluating").get_template("page.html")
    return page.render(title="Emotion recognition by language", notes=[NOTE, *trained], grids=tables)


def _training_lines(results: Iterable[Result]) -> list[str]:
    """Say what each system was trained on."""
    known = {result.name: ", ".join(result.training_languages) for result in results}
    return [f"{name} was trained on: {languages or 'not known'}." for name, languages in known.items()]


def languages_of(shards: Sequence[Path]) -> tuple[str, ...]:
    """Return the languages of the training splits of shard folders.

    Raises:
        ShardError: A folder has no training split.
    """
    data = EmotionDataModule([str(folder) for folder in shards], splits=SplitConfig(validation="train"))
    data.setup("fit")
    return tuple(data.training_languages())


def main(arguments: list[str] | None = None) -> None:
    """Run the tool."""
    parser = argparse.ArgumentParser(f"python -m tools.{NAME}", description=__doc__, allow_abbrev=False)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    folders = "folders of finished tests, others are passed over; with a name, of this system"
    parser.add_argument("tests", nargs="+", metavar="[NAME=]FOLDER", help=folders)
    parser.add_argument("--out", type=Path, default=Path(), help="folder of the table (default: here)")
    known = parser.add_mutually_exclusive_group()
    shards = "shards that the systems were trained on"
    known.add_argument("--train-shards", nargs="+", type=Path, default=[], help=shards)
    known.add_argument("--trained-on", nargs="+", default=[], metavar="CODE", help="languages they were trained on")
    options = parser.parse_args(arguments)
    tests = [text for text in options.tests if (named_folder(text)[1] / METRICS_FILE).is_file()]
    if not tests:
        sys.exit(f"error: no finished test ({METRICS_FILE}) in {', '.join(options.tests)}")
    try:
        results = read_tests(tests)
        told = tuple(sorted(options.trained_on)) or (languages_of(options.train_shards) if options.train_shards else ())
    except (FileNotFoundError, PredictionFileError, ProbeFileError, ResultError, SameTestError, ShardError) as error:
        sys.exit(f"error: {error}")
    print(write([replace(one, training_languages=told or one.training_languages) for one in results], options.out))
    print(f"-> {options.out / NAME}.md, .json, .html")


if __name__ == "__main__":
    main()
