"""Build annotated WebDataset shards from a corpus: read, measure, set levels, write texts, pack.

python -m tools.make_shards --corpus csv --data my_corpus/manifest.csv --out shards/my_corpus
"""

import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from tqdm import tqdm

from c2ser_lightning.data.audio import encode_flac
from c2ser_lightning.data.ledger import Ledger, StrictModeError
from c2ser_lightning.data.record import UtteranceRecord
from tools.annotation import AnnotationSettings, annotate, usable_rows
from tools.attributes.phonemes import ESPEAK_LANGUAGES
from tools.command_line import Parser, non_negative_float, positive_float, positive_int
from tools.corpora import SYNTHETIC_CORPORA, CorpusError, corpus_name, open_corpus
from tools.corpora.base import SPLITS, ManifestRow
from tools.corpora.recording import Recording, load_recording
from tools.levels import LevelStatistics
from tools.shard_info import INFO_FILE, FolderInfo, SplitInfo, unmeasured
from tools.shard_writer import remove_stale, write_shards
from tools.splitting import fill_splits
from tools.teachers.cot import write_cot
from tools.teachers.exchange import TeacherError
from tools.teachers.options import add_teacher_options, take_teacher_settings
from tools.teachers.settings import TeacherSettings

LEDGER_FILE = "ledger.jsonl"
TEACHER_FOLDER = "teacher"


@dataclass(frozen=True, slots=True)
class Options:
    """The command line; fields are the options of the same name.

    Attributes:
        corpus: Name of a reader.
        data: Folder of the corpus, or a manifest.
        out: Shard folder to write.
        name: Name of the corpus in ``info.json``; the folder's own when empty.
        min_seconds: Shorter clips are left out.
        max_seconds: Longer clips are left out (paper IV-A: 20 s).
        pitch_hop_ms: Distance of pitch frames in milliseconds.
        utterances_per_shard: Utterances of one tar.
        workers: Processes that measure.
        strict: Stop at the first unusable input.
        reader_option: Options of the reader, as ``key=value``.
        teacher: Who writes the texts.
    """

    corpus: str
    data: Path
    out: Path
    name: str = ""
    min_seconds: float = 0.2
    max_seconds: float = 20.0
    pitch_hop_ms: float = 50.0
    utterances_per_shard: int = 500
    workers: int = 1
    strict: bool = False
    reader_option: Sequence[str] = ()
    teacher: TeacherSettings = field(default_factory=TeacherSettings)

    @property
    def annotation(self) -> AnnotationSettings:
        """How utterances are measured."""
        return AnnotationSettings(self.min_seconds, self.max_seconds, self.pitch_hop_ms / 1000)


def pack(
    records: Sequence[UtteranceRecord], rows: Sequence[ManifestRow], folder: Path, utterances_per_shard: int
) -> dict[str, SplitInfo]:
    """Write every split's shards; earlier shards that are no longer part of the folder are removed."""
    audio = {row.key: row.audio for row in rows}
    splits: dict[str, SplitInfo] = {}
    with tqdm(total=len(records), desc="packing shards", unit="utt") as bar:
        for split in SPLITS:
            chosen = [record for record in records if record.split == split]
            shards = write_shards(_samples(chosen, audio, bar), folder, split, utterances_per_shard)
            remove_stale(folder, split, shards)
            if chosen:
                splits[split] = SplitInfo.of(chosen, shards)
    return splits


def _samples(
    records: Sequence[UtteranceRecord], audio: dict[str, Recording], bar: "tqdm[None]"
) -> Iterator[tuple[UtteranceRecord, bytes]]:
    for record in records:
        yield record, encode_flac(load_recording(audio[record.key], min_seconds=0))
        bar.update()


def build(options: Options) -> None:
    """Run the whole pipeline.

    Raises:
        CorpusError: The corpus cannot be read, or nothing of it is usable.
        StrictModeError: ``strict`` is set and something is unusable.
        TeacherError: The teacher cannot write; run again to go on.
    """
    ledger = Ledger(strict=options.strict)
    rows, note = fill_splits(usable_rows(open_corpus(options.corpus, options.data, options.reader_option), ledger))
    if note:
        print(f"note: {note}")
    measured = annotate(rows, options.annotation, ledger, options.workers)
    options.out.mkdir(parents=True, exist_ok=True)
    ledger.write(options.out / LEDGER_FILE)
    if not measured:
        where = options.out / LEDGER_FILE
        raise CorpusError(f"no usable utterance in {options.data}: {ledger.summary()}; see {where}")
    # Levels come from the training split alone; a corpus that is only tested brings its own statistics.
    training = [record for record in measured if record.split == "train"] or measured
    statistics = LevelStatistics.of(record.attributes for record in training)
    levelled = [replace(record, levels=statistics.levels(record.attributes)) for record in measured]
    records, taught = write_cot(levelled, options.teacher, options.out / TEACHER_FOLDER)
    # A folder whose info is there is whole: it goes first and comes back last.
    (options.out / INFO_FILE).unlink(missing_ok=True)
    splits = pack(records, rows, options.out, options.utterances_per_shard)
    info = FolderInfo(
        name=options.name or options.out.resolve().name,
        synthetic=any(record.corpus in SYNTHETIC_CORPORA for record in records),
        settings=asdict(options.annotation) | {"utterances_per_shard": options.utterances_per_shard},
        statistics=statistics,
        splits=splits,
        unmeasured=unmeasured(records),
        left_out=ledger.counts(),
        teacher=taught.summary(),
    )
    info.write(options.out)
    print("\n".join([*closing_lines(info, records, ledger, options.out), *taught.lines()]))


def closing_lines(info: FolderInfo, records: Sequence[UtteranceRecord], ledger: Ledger, folder: Path) -> Iterator[str]:
    """Yield what a person reads at the end: table, what could not be measured, what was left out."""
    yield info.table()
    if info.synthetic:
        yield "this speech is synthetic"
    if info.unmeasured:
        yield "without a value: " + ", ".join(f"{name} of {count}" for name, count in info.unmeasured.items())
    unknown = sorted({record.language for record in records} - ESPEAK_LANGUAGES.keys())
    if unknown:
        known = ", ".join(sorted(ESPEAK_LANGUAGES))
        yield f"no speaking rate for language {', '.join(unknown)}: phonemes are known for {known}"
    yield ledger.summary() + (f"; each is named in {folder / LEDGER_FILE}" if len(ledger) else "")


def parse(arguments: list[str] | None = None) -> Options:
    """Parse the command line; a mistake ends with status 2."""
    parser = Parser("tools.make_shards", __doc__)
    parser.add_argument("--corpus", required=True, type=corpus_name, help="which reader: a name in docs/corpora.md")
    parser.add_argument("--data", type=Path, required=True, help="folder of the corpus, or a manifest")
    parser.add_argument("--out", type=Path, required=True, help="shard folder to write")
    parser.add_argument("--name", default="", help="name in info.json (default: the shard folder's)")
    parser.add_argument(
        "--min-seconds", type=non_negative_float, default=0.2, help="leave shorter clips out (default 0.2)"
    )
    parser.add_argument(
        "--max-seconds", type=positive_float, default=20.0, help="leave longer clips out (default 20, as the paper)"
    )
    parser.add_argument(
        "--pitch-hop-ms", type=positive_float, default=50.0, help="distance of pitch frames (default 50)"
    )
    parser.add_argument("--utterances-per-shard", type=positive_int, default=500, help="(default 500)")
    parser.add_argument(
        "--workers", type=positive_int, default=os.cpu_count() or 1, help="processes (default: all cores)"
    )
    parser.add_argument("--reader-option", action="append", default=[], metavar="KEY=VALUE", help="may be repeated")
    parser.add_argument("--strict", action="store_true", help="stop at the first unusable utterance")
    add_teacher_options(parser)
    given = parser.parse_args(arguments)
    options = Options(teacher=take_teacher_settings(given), **vars(given))
    if options.min_seconds >= options.max_seconds:
        parser.error(f"--min-seconds {options.min_seconds:g} is not below --max-seconds {options.max_seconds:g}")
    return options


def main(arguments: list[str] | None = None) -> None:
    """Run the tool; a corpus that cannot be used ends with status 2 and one line."""
    options = parse(arguments)
    try:
        build(options)
    except (CorpusError, StrictModeError, TeacherError) as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
