"""Build annotated WebDataset shards from a corpus: read, measure, set levels, write texts, pack.

python -m tools.make_shards --corpus csv --data my_corpus/manifest.csv --out shards/my_corpus
"""

import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tqdm import tqdm

from c2ser_lightning.data.audio import encode_flac
from c2ser_lightning.data.ledger import Ledger, StrictModeError
from c2ser_lightning.data.record import UtteranceRecord
from tools.annotation import AnnotationSettings, annotate, usable_rows
from tools.attributes.phonemes import ESPEAK_LANGUAGES
from tools.attributes.pitch import TRACKERS, PitchError, PitchSettings, pitch_tracker
from tools.command_line import Parser, non_negative_float, positive_float, positive_int
from tools.corpora import SYNTHETIC_CORPORA, CorpusError, corpus_name, open_corpus
from tools.corpora.base import SPLITS, ManifestRow
from tools.corpora.recording import Recording, load_recording
from tools.level_source import INFO_FILE, LevelsError, LevelSource
from tools.level_table import FEWEST_VALUES, LEVEL_UNITS, LevelUnit
from tools.shard_info import FolderInfo, SplitInfo, unmeasured
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
        pitch: Name of a pitch tracker.
        pitch_hop_ms: Distance of pitch frames in milliseconds.
        pitch_weights: File of the tracker's weights; its own when empty.
        periodicity: Frames below count as unvoiced; the tracker's default when ``None``.
        device: Where pitch is measured.
        levels: What mean and sd are taken over.
        levels_fewest: Training values that a group needs to have levels of its own.
        levels_from: Shard folder whose training split sets the levels.
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
    pitch: str = "penn"
    pitch_hop_ms: float = 20.0
    pitch_weights: str = ""
    periodicity: float | None = None
    device: str = "auto"
    levels: LevelUnit = "corpus"
    levels_fewest: int = FEWEST_VALUES
    levels_from: Path | None = None
    utterances_per_shard: int = 500
    workers: int = 1
    strict: bool = False
    reader_option: Sequence[str] = ()
    teacher: TeacherSettings = field(default_factory=TeacherSettings)

    @property
    def annotation(self) -> AnnotationSettings:
        """How utterances are measured."""
        pitch = PitchSettings(
            self.pitch,
            self.pitch_hop_ms / 1000,
            self.periodicity,
            weights=self.pitch_weights,
            device=self.device,
        )
        return AnnotationSettings(self.min_seconds, self.max_seconds, pitch)


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
        LevelsError: ``levels_from`` holds no statistics.
        PitchError: The pitch tracker cannot be used.
        StrictModeError: ``strict`` is set and something is unusable.
        TeacherError: The teacher cannot write; run again to go on.
    """
    # What is wrong with the options is said before hours of measuring.
    stored = LevelSource.read(options.levels_from) if options.levels_from else None
    pitch_tracker(options.annotation.pitch)
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
    source = stored or LevelSource.of(measured, options.levels, options.levels_fewest)
    levelled, source = source.levelled(measured)
    records, taught = write_cot(levelled, options.teacher, options.out / TEACHER_FOLDER)
    # A folder whose info is there is whole: it goes first and comes back last.
    (options.out / INFO_FILE).unlink(missing_ok=True)
    splits = pack(records, rows, options.out, options.utterances_per_shard)
    info = FolderInfo(
        name=options.name or options.out.resolve().name,
        synthetic=any(record.corpus in SYNTHETIC_CORPORA for record in records),
        settings=asdict(options.annotation) | {"utterances_per_shard": options.utterances_per_shard},
        levels=source,
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
    yield info.levels.closing_line()
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
    _add_measuring(parser)
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


def _add_measuring(parser: Parser) -> None:
    pitch = parser.add_argument_group("pitch")
    pitch.add_argument("--pitch", choices=sorted(TRACKERS), default="penn", help="tracker (default penn)")
    pitch.add_argument(
        "--pitch-hop-ms", type=positive_float, default=20.0, help="distance of pitch frames (default 20; swift has 16)"
    )
    pitch.add_argument("--pitch-weights", default="", help="file of PENN weights (default: those that penn carries)")
    pitch.add_argument(
        "--periodicity",
        type=non_negative_float,
        help="frames below are unvoiced (default: penn 0.15, swift 0.5)",
    )
    pitch.add_argument("--device", default="auto", help="where pitch is measured (default: a GPU where there is one)")
    levels = parser.add_argument_group("levels")
    levels.add_argument("--levels", choices=LEVEL_UNITS, default="corpus", help="mean +- sd of what (default corpus)")
    levels.add_argument(
        "--levels-fewest", type=positive_int, default=FEWEST_VALUES, help="values a group needs (default %(default)s)"
    )
    levels.add_argument("--levels-from", type=Path, help="shard folder whose training split sets the levels")


def main(arguments: list[str] | None = None) -> None:
    """Run the tool; a corpus that cannot be used ends with status 2 and one line."""
    options = parse(arguments)
    try:
        build(options)
    except (CorpusError, LevelsError, PitchError, StrictModeError, TeacherError) as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
