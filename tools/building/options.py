"""The command line of a build."""

import argparse
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tools.attributes.pitch import TRACKERS, PitchSettings
from tools.building.engine import EngineSettings
from tools.building.measuring import AnnotationSettings
from tools.building.spool import ShardSize
from tools.command_line import Parser, non_negative_float, positive_float, positive_int
from tools.corpora import corpus_name
from tools.level_table import FEWEST_VALUES, LEVEL_UNITS, LevelUnit
from tools.teachers.options import add_teacher_options, take_teacher_settings
from tools.teachers.settings import TeacherSettings


@dataclass(frozen=True, slots=True)
class Options:
    """The command line; fields are the options of the same name.

    Attributes:
        corpus: Name of a reader.
        data: Folder of the corpus, or a manifest.
        out: Shard folder to write.
        name: Name of the corpus in ``info.json``; the folder's own when empty.
        annotation: How utterances are measured, and which are kept.
        levels: What mean and sd are taken over.
        levels_fewest: Training values that a group needs to have levels of its own.
        levels_from: Shard folder whose training split sets the levels.
        vectors: Checkpoint of the Emotion2Vec-S whose vectors are kept beside the sound.
        shard_size: How large shards should be.
        engine: Who does the work.
        label_noise: Share of training labels that are made wrong.
        strict: Stop at the first unusable input.
        reader_option: Options of the reader, as ``key=value``.
        teacher: Who writes the texts.
    """

    corpus: str
    data: Path
    out: Path
    name: str = ""
    annotation: AnnotationSettings = field(default_factory=AnnotationSettings)
    levels: LevelUnit = "corpus"
    levels_fewest: int = FEWEST_VALUES
    levels_from: Path | None = None
    vectors: Path | None = None
    shard_size: ShardSize = field(default_factory=ShardSize)
    engine: EngineSettings = field(default_factory=EngineSettings)
    label_noise: float = 0.0
    strict: bool = False
    reader_option: Sequence[str] = ()
    teacher: TeacherSettings = field(default_factory=TeacherSettings)


def parse(program: str, description: str | None, arguments: list[str] | None = None) -> Options:
    """Parse the command line; a mistake ends with status 2."""
    parser = Parser(program, description)
    parser.add_argument("--corpus", required=True, type=corpus_name, help="which reader: a name in docs/corpora.md")
    parser.add_argument("--data", type=Path, required=True, help="folder of the corpus, or a manifest")
    parser.add_argument("--out", type=Path, required=True, help="shard folder to write")
    parser.add_argument("--name", default="", help="name in info.json (default: the shard folder's)")
    parser.add_argument("--reader-option", action="append", default=[], metavar="KEY=VALUE", help="may be repeated")
    parser.add_argument("--strict", action="store_true", help="stop at the first unusable utterance")
    parser.add_argument(
        "--label-noise",
        type=non_negative_float,
        default=0.0,
        metavar="SHARE",
        help="make so many training labels wrong",
    )
    _add_measuring(parser)
    _add_shards(parser)
    _add_engine(parser)
    add_teacher_options(parser)
    given = parser.parse_args(arguments)
    if given.min_seconds >= given.max_seconds:
        parser.error(f"--min-seconds {given.min_seconds:g} is not below --max-seconds {given.max_seconds:g}")
    if given.label_noise > 1:
        parser.error(f"--label-noise {given.label_noise:g} is a share, from 0 to 1")
    return _options(given)


def _options(given: argparse.Namespace) -> Options:
    pitch = PitchSettings(
        given.pitch,
        given.pitch_hop_ms / 1000,
        given.periodicity,
        weights=given.pitch_weights,
        device=given.device,
    )
    return Options(
        corpus=given.corpus,
        data=given.data,
        out=given.out,
        name=given.name,
        annotation=AnnotationSettings(given.min_seconds, given.max_seconds, pitch),
        levels=given.levels,
        levels_fewest=given.levels_fewest,
        levels_from=given.levels_from,
        vectors=given.vectors,
        shard_size=ShardSize(given.shard_megabytes, given.shard_utterances),
        engine=EngineSettings(given.engine, given.workers, given.ray_address),
        label_noise=given.label_noise,
        strict=given.strict,
        reader_option=given.reader_option,
        teacher=take_teacher_settings(given),
    )


def _add_measuring(parser: Parser) -> None:
    clips = parser.add_argument_group("measuring")
    clips.add_argument(
        "--min-seconds", type=non_negative_float, default=0.2, help="leave shorter clips out (default 0.2)"
    )
    clips.add_argument(
        "--max-seconds", type=positive_float, default=20.0, help="leave longer clips out (default 20, as the paper)"
    )
    clips.add_argument("--pitch", choices=sorted(TRACKERS), default="penn", help="tracker (default penn)")
    clips.add_argument(
        "--pitch-hop-ms", type=positive_float, default=20.0, help="distance of pitch frames (default 20; swift has 16)"
    )
    clips.add_argument("--pitch-weights", default="", help="file of PENN weights (default: those that penn carries)")
    clips.add_argument(
        "--periodicity",
        type=non_negative_float,
        help="frames below are unvoiced (default: penn 0.15, swift 0.5)",
    )
    clips.add_argument("--device", default="auto", help="where networks run (default: a GPU where there is one)")
    levels = parser.add_argument_group("levels")
    levels.add_argument("--levels", choices=LEVEL_UNITS, default="corpus", help="mean +- sd of what (default corpus)")
    levels.add_argument(
        "--levels-fewest", type=positive_int, default=FEWEST_VALUES, help="values a group needs (default %(default)s)"
    )
    levels.add_argument("--levels-from", type=Path, help="shard folder whose training split sets the levels")


def _add_shards(parser: Parser) -> None:
    shards = parser.add_argument_group("shards", "each is of this size on average; of two sizes the smaller counts")
    shards.add_argument(
        "--shard-megabytes", type=positive_float, default=1000.0, help="millions of bytes (default 1000)"
    )
    shards.add_argument("--shard-utterances", type=positive_int, help="number of utterances")
    shards.add_argument(
        "--vectors", type=Path, metavar="CHECKPOINT", help="keep this Emotion2Vec-S' vectors beside the sound"
    )


def _add_engine(parser: Parser) -> None:
    engine = parser.add_argument_group("engine", "who does the work; the shards do not depend on it")
    engine.add_argument("--engine", choices=["processes", "ray"], default="processes")
    engine.add_argument(
        "--workers", type=positive_int, default=os.cpu_count() or 1, help="processes (default: all cores)"
    )
    engine.add_argument("--ray-address", default="auto", help="of a running cluster (default: this machine's)")
