"""Have a teacher write reasons for the labels of a shard folder's training split, without naming the labels.

python -m tools.write_rationales --shards shards/mine --teacher endpoint --teacher-url http://localhost:8000/v1

The accepted ones go to <shards>/rationales/rationales.jsonl, beside the report and the journal of answers. A killed run
goes on where it stopped.
"""

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from c2ser_lightning.data.record import RecordError, UtteranceRecord
from c2ser_lightning.data.shard_index import ShardError, ShardIndex
from tools.command_line import Parser, positive_int
from tools.teachers.exchange import TeacherError
from tools.teachers.options import add_teacher_options, take_teacher_settings
from tools.teachers.rationale import DEFAULT_RULES, RationaleRules, write_rationales
from tools.teachers.report import TeacherReport
from tools.teachers.settings import TeacherSettings

RATIONALES_FOLDER = "rationales"
RATIONALES_FILE = "rationales.jsonl"


@dataclass(frozen=True, slots=True)
class Options:
    """The command line.

    Attributes:
        shards: Shard folder whose training split is read.
        out: Folder of rationales, journal and report.
        rules: Bounds of the length.
        teacher: Who writes.
    """

    shards: Path
    out: Path
    rules: RationaleRules
    teacher: TeacherSettings


def training_records(folder: Path) -> Iterator[UtteranceRecord]:
    """Yield the records of a shard folder's training split, and of no other.

    Raises:
        ShardError: There is no such split.
    """
    index = ShardIndex.load(folder, "train")
    for position in range(len(index)):
        yield index.read_record(position)


def build(options: Options) -> TeacherReport | None:
    """Write all rationales; the file gets its name only when it is whole. Returns ``None`` when there was no utterance.

    Raises:
        ShardError: The shards cannot be read.
        TeacherError: The teacher cannot write; run again to go on.
    """
    options.out.mkdir(parents=True, exist_ok=True)
    target = options.out / RATIONALES_FILE
    temporary = target.with_suffix(".jsonl.partial")
    report = None
    made = write_rationales(training_records(options.shards), options.teacher, options.out, options.rules)
    with temporary.open("w", encoding="utf-8") as file:
        for rationale, report in made:  # noqa: B007 - the last report counts them all
            if rationale is not None:
                file.write(json.dumps(asdict(rationale), ensure_ascii=False) + "\n")
    temporary.replace(target)
    return report


def parse(arguments: list[str] | None = None) -> Options:
    """Parse the command line; a mistake ends with status 2."""
    parser = Parser("tools.write_rationales", __doc__)
    parser.add_argument("--shards", type=Path, required=True, help="shard folder; its training split is read")
    parser.add_argument("--out", type=Path, help="folder to write (default: rationales/ in the shard folder)")
    shortest, longest = DEFAULT_RULES.shortest, DEFAULT_RULES.longest
    parser.add_argument("--shortest", type=positive_int, default=shortest, help=f"words at least (default {shortest})")
    parser.add_argument("--longest", type=positive_int, default=longest, help=f"words at most (default {longest})")
    add_teacher_options(parser, default=None)
    given = parser.parse_args(arguments)
    if given.shortest > given.longest:
        parser.error(f"--shortest {given.shortest} is above --longest {given.longest}")
    rules = RationaleRules(given.shortest, given.longest)
    return Options(given.shards, given.out or given.shards / RATIONALES_FOLDER, rules, take_teacher_settings(given))


def main(arguments: list[str] | None = None) -> None:
    """Run the tool; a teacher or a folder that cannot be used ends with status 2 and one line."""
    options = parse(arguments)
    try:
        report = build(options)
    except (RecordError, ShardError, TeacherError) as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
    if report is None:
        print(f"no training utterance of {options.shards} has a label, words and a measured style: nothing to write")
        return
    print("\n".join(report.lines()))
    print(f"fallback of a rationale is to have none; accepted ones are in {options.out / RATIONALES_FILE}")


if __name__ == "__main__":
    main()
