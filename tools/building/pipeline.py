"""All stages of a build in their order, and what comes before the first and after the last."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from c2ser_lightning.data.ledger import Skip
from tools.attributes.phonemes import ESPEAK_LANGUAGES
from tools.attributes.pitch import pitch_tracker
from tools.building.describing import Described, Size, describe_units
from tools.building.engine import Engine, open_engine
from tools.building.ledger_file import LedgerFile
from tools.building.measuring import measure_units
from tools.building.options import Options
from tools.building.packing import pack_shards
from tools.building.planning import Plan, Planner
from tools.building.progress import Stage, Stages
from tools.building.row_file import forget_files
from tools.building.spool import Spool
from tools.building.texts import Totals, write_texts
from tools.building.vectors import Encoder, encode_units
from tools.building.work_folder import UnitFiles, WorkFolder, open_work_folder
from tools.corpora import CorpusError, open_corpus
from tools.corpora.base import SPLITS
from tools.level_source import INFO_FILE, LevelSource
from tools.level_table import LevelTable
from tools.shard_info import FolderInfo
from tools.shard_writer import ShardInfo, remove_stale
from tools.teachers.report import TeacherReport

LEDGER_FILE = "ledger.jsonl"
TEACHER_FOLDER = "teacher"


def build(options: Options) -> list[Stage]:
    """Build a shard folder, going on where an earlier run was stopped, and print what it holds.

    Returns:
        The stages in numbers.

    Raises:
        BackboneError: ``vectors`` names no Emotion2Vec-S.
        BuildError: The work cannot go on, or another build is at work there.
        CorpusError: The corpus cannot be read, or nothing of it is usable.
        LevelsError: ``levels_from`` holds no statistics.
        PitchError: The pitch tracker cannot be used.
        StrictModeError: ``strict`` is set and something is unusable.
        TeacherError: The teacher cannot write; run again to go on.
    """
    # What is wrong with the options is said before hours of measuring.
    stored = LevelSource.read(options.levels_from) if options.levels_from else None
    pitch_tracker(options.annotation.pitch)
    encoder = Encoder.of(options.vectors, options.annotation.pitch.torch_device) if options.vectors else None
    with (
        open_work_folder(options.out) as work,
        LedgerFile(work.ledger, strict=options.strict) as ledger,
    ):
        building = Building(options, work, ledger, stored, encoder)
        try:
            building.run()
        except CorpusError as error:
            if not len(ledger) and options.data.exists():
                ledger.note(Skip(options.data.name, "unusable_corpus", str(error), str(options.data)))
            raise
        finally:
            building.publish_ledger_of_failure()
    return building.stages.all


@dataclass(slots=True)
class Building:
    """One build.

    Attributes:
        options: The command line.
        work: What is finished.
        ledger: Receives what cannot be used.
        stored: Levels of other shards, if they are to be used.
        encoder: Whose vectors are kept, if any.
        stages: Bars and times.
    """

    options: Options
    work: WorkFolder
    ledger: LedgerFile
    stored: LevelSource | None
    encoder: Encoder | None
    stages: Stages = field(default_factory=Stages)

    def run(self) -> None:
        """Go through all stages."""
        plan = self._plan()
        with open_engine(self.options.engine, plan.rows) as engine:
            self._measure(plan, engine)
            described = self._describe(plan, engine)
            if not described.sizes:
                raise CorpusError(f"no usable utterance in {self.options.data}: {self.ledger.summary()}")
            if self.encoder is not None:
                self._encode(plan, described, self.encoder, engine)
            target = self.options.shard_size
            spool = Spool(self.work, {split: target.shards(size) for split, size in described.sizes.items()})
            totals, levels, taught = self._write_texts(described, spool)
            # A folder whose info is there is whole: it goes first and comes back last.
            (self.options.out / INFO_FILE).unlink(missing_ok=True)
            shards = self._pack(spool, engine)
        info = self._info(totals, levels, taught, shards)
        self._finish(info, shards, described)
        print("\n".join([*self._closing_lines(info, totals), *taught.lines(), "stages:", *self.stages.lines()]))

    def _plan(self) -> Plan:
        options = self.options
        forget_files()
        planner = Planner(self.work, options.annotation.recipe(), self.ledger)
        with self.stages.shown("plan", "reading the corpus", unit="row") as bar:
            for item in open_corpus(options.corpus, options.data, options.reader_option):
                planner.take(item)
                bar.advance(1)
            plan = planner.finish()
        if plan.note:
            print(f"note: {plan.note}")
        return plan

    def _measure(self, plan: Plan, engine: Engine) -> None:
        left_out = 0
        with self.stages.shown("measure", "measuring pitch, loudness", total=plan.rows) as bar:
            missing = [unit for unit in plan.units if not self.work.measured(unit.key).is_file()]
            bar.skip(plan.rows - sum(unit.rows for unit in missing))
            for unit, skips in measure_units(missing, self.work, self.options.annotation, engine):
                # They are named in the next stage, with those of earlier runs; a strict build ends here.
                for skip in skips if self.options.strict else ():
                    self.ledger.add(skip)
                left_out += len(skips)
                bar.advance(unit.rows)
                bar.show(left_out=left_out)

    def _describe(self, plan: Plan, engine: Engine) -> "Collected":
        collected = Collected(LevelTable(self.options.levels, self.options.levels_fewest))
        noise = self.options.label_noise
        with self.stages.shown("describe", "counting phonemes, collecting statistics", total=plan.rows) as bar:
            for described in describe_units(plan.units, self.work, collected.training.alike(), engine, noise):
                for skip in described.skips:
                    self.ledger.add(skip)
                collected.add(described)
                bar.advance(described.files.rows)
        return collected

    def _encode(self, plan: Plan, collected: "Collected", encoder: Encoder, engine: Engine) -> None:
        with self.stages.shown("vectors", "encoding with Emotion2Vec-S", total=plan.rows) as bar:
            missing = [one for one in collected.files if not self.work.vectors(encoder.key(one.sound)).is_file()]
            bar.skip(plan.rows - sum(one.rows for one in missing))
            for rows in encode_units(missing, self.work, encoder, engine):
                bar.advance(rows)

    def _write_texts(self, collected: "Collected", spool: Spool) -> tuple[Totals, LevelSource, TeacherReport]:
        source = self.stored or LevelSource.collected(
            collected.training, collected.others, has_training="train" in collected.sizes
        )
        teacher = (self.options.teacher, self.options.out / TEACHER_FOLDER)
        with self.stages.timed("texts") as stage:
            stage.done = sum(size.utterances for size in collected.sizes.values())
            return write_texts(collected.files, self.work, source, teacher, spool, stage.done)

    def _pack(self, spool: Spool, engine: Engine) -> list[ShardInfo]:
        made = []
        self.options.out.mkdir(parents=True, exist_ok=True)
        with self.stages.shown("pack", "packing shards", total=sum(spool.counts.values())) as bar:
            for shard, known in pack_shards(sorted(spool.counts), self.work, self.options.out, self.encoder, engine):
                (bar.skip if known else bar.advance)(shard.utterances)
                made.append(shard)
        return made

    def _info(
        self, totals: Totals, levels: LevelSource, taught: TeacherReport, shards: Sequence[ShardInfo]
    ) -> FolderInfo:
        options = self.options
        splits = {
            split: totals.splits[split].info([one for one in shards if one.file.startswith(f"{split}-")])
            for split in SPLITS
            if split in totals.splits
        }
        size = {f"shard_{name}": value for name, value in asdict(options.shard_size).items()}
        noise = {"label_noise": options.label_noise} if options.label_noise else {}
        return FolderInfo(
            name=options.name or options.out.resolve().name,
            synthetic=totals.synthetic,
            settings=asdict(options.annotation) | size | noise,
            levels=levels,
            splits=splits,
            unmeasured=dict(sorted(totals.unmeasured.items())),
            left_out=self.ledger.counts(),
            teacher=taught.summary(),
            vectors=self.encoder.info() if self.encoder else {},
        )

    def _finish(self, info: FolderInfo, shards: Sequence[ShardInfo], collected: "Collected") -> None:
        remove_stale(self.options.out, shards)
        self.ledger.copy_to(self.options.out / LEDGER_FILE)
        info.write(self.options.out)
        self.work.keep_only("measured", {files.sound for files in collected.files})
        self.work.keep_only("records", {files.records for files in collected.files})
        self.work.keep_only("shards", {Path(shard.file).stem for shard in shards})
        if self.encoder is not None:
            self.work.keep_only("vectors", {self.encoder.key(files.sound) for files in collected.files})

    def publish_ledger_of_failure(self) -> None:
        """Show what was left out where there is no finished folder; the ledger of one that is there belongs to it."""
        out = self.options.out
        if len(self.ledger) and not (out / INFO_FILE).exists():
            out.mkdir(parents=True, exist_ok=True)
            self.ledger.copy_to(out / LEDGER_FILE)

    def _closing_lines(self, info: FolderInfo, totals: Totals) -> Iterator[str]:
        """Yield what a person reads at the end: table, what could not be measured, what was left out."""
        yield info.table()
        if info.synthetic:
            yield "this speech is synthetic"
        yield info.levels.closing_line()
        if info.unmeasured:
            yield "without a value: " + ", ".join(f"{name} of {count}" for name, count in info.unmeasured.items())
        unknown = sorted(totals.languages - ESPEAK_LANGUAGES.keys())
        if unknown:
            known = ", ".join(sorted(ESPEAK_LANGUAGES))
            yield f"no speaking rate for language {', '.join(unknown)}: phonemes are known for {known}"
        where = f"; each is named in {self.options.out / LEDGER_FILE}" if len(self.ledger) else ""
        yield self.ledger.summary() + where


@dataclass(slots=True)
class Collected:
    """What the described units have in common; besides it, two names a unit.

    Attributes:
        training: Statistics of the utterances for training.
        others: Statistics of the others; an empty table says how both group.
        sizes: How much there is of each split.
        files: Names of the units' files, in order.
    """

    training: LevelTable
    others: LevelTable = field(init=False)
    sizes: dict[str, Size] = field(default_factory=dict)
    files: list[UnitFiles] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Group both tables alike."""
        self.others = self.training.alike()

    def add(self, described: Described) -> None:
        """Count a unit."""
        self.training.absorb(described.training)
        self.others.absorb(described.others)
        for split, size in described.sizes.items():
            self.sizes.setdefault(split, Size()).add(size)
        self.files.append(described.files)
