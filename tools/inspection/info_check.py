"""Read ``info.json`` and compare what it promises with what is there."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from typing import Any

from c2ser_lightning.emotions import EMOTIONS
from tools.inspection.findings import Findings
from tools.inspection.tally import Tally
from tools.level_source import INFO_FILE, LevelsError, LevelSource
from tools.shard_info import FolderInfo, SplitInfo
from tools.shard_writer import ShardInfo

_TYPES: Mapping[type | tuple[type, ...], tuple[str, ...]] = {
    str: ("name", "version", "file", "sha256"),
    bool: ("synthetic",),
    int: ("utterances", "bytes"),
    (int, float): ("hours",),
    list: ("labels", "speakers", "shards"),
    dict: (
        *("settings", "statistics", "levels", "splits", "unmeasured", "left_out", "teacher", "vectors"),
        *("emotions", "languages"),
    ),
}
_TYPE_OF = {name: kind for kind, names in _TYPES.items() for name in names}
_SINCE_LATER = {"levels", "teacher", "vectors"}
"""What folders of older versions do not say."""

LONGEST_DRIFT_HOURS = 2e-4
"""Hours are written in four decimals."""


@dataclass(slots=True)
class StoredInfo:
    """What could be read of ``info.json``; a folder without one has the folder's name and nothing else.

    Attributes:
        name: Name of the corpus.
        synthetic: Whether the speech is synthetic.
        version: Version that built it.
        splits: The splits as the builder counted them; only those that fit the schema.
        left_out: Inputs in the ledger, by reason.
        teacher: Who wrote the texts, and how well.
        settings: How utterances were measured.
        levels: Statistics that set the levels.
    """

    name: str
    synthetic: bool = False
    version: str = ""
    splits: dict[str, SplitInfo] = field(default_factory=dict)
    left_out: dict[str, int] = field(default_factory=dict)
    teacher: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    levels: LevelSource | None = None

    def shards(self) -> dict[str, ShardInfo]:
        """Return all shards by file name."""
        return {shard.file: shard for split in self.splits.values() for shard in split.shards}


def read_info(folder: Path, findings: Findings) -> StoredInfo:
    """Read ``info.json``; what does not fit goes to the findings, and what fits is returned."""
    stored = StoredInfo(folder.resolve().name)
    try:
        content = json.loads((folder / INFO_FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        findings.add("info", f"there is no {INFO_FILE}: the build was interrupted, or another tool wrote the folder")
        return stored
    except ValueError as error:
        findings.add("info", f"{INFO_FILE} is not JSON: {error}")
        return stored
    expected = {one.name for one in fields(FolderInfo)} | {"statistics"}
    if not _fits(content, expected, INFO_FILE, findings):
        return stored
    if content["labels"] != list(EMOTIONS):
        findings.add("info", f"labels are {content['labels']}, not {list(EMOTIONS)}: class ids would be mixed up")
    for name in ("name", "synthetic", "version", "left_out", "settings"):
        setattr(stored, name, content[name])
    stored.teacher = content.get("teacher", {})
    splits = ((name, _split(split, name, findings)) for name, split in content["splits"].items())
    stored.splits = {name: split for name, split in splits if split is not None}
    try:
        stored.levels = LevelSource.read(folder)
    except LevelsError as error:
        findings.add("info", str(error))
    return stored


def _fits(content: Any, expected: set[str], where: str, findings: Findings) -> bool:
    """Whether every field is there and of its type; each that is not is noted."""
    wrong = list(_misfits(content, expected))
    for objection in wrong:
        findings.add("info", f"{where}: {objection}")
    return not wrong


def _misfits(content: Any, expected: set[str]) -> Iterator[str]:
    if not isinstance(content, dict):
        yield f"holds a {type(content).__name__}, not a table"
        return
    for name in sorted(expected):
        value, wanted = content.get(name, MISSING), _TYPE_OF.get(name, object)
        if value is MISSING:
            if name not in _SINCE_LATER:
                yield f"{name} is missing"
        elif not isinstance(value, wanted) or (isinstance(value, bool) and wanted is not bool):
            yield f"{name} is of type {type(value).__name__}"


def _split(content: Any, name: str, findings: Findings) -> SplitInfo | None:
    where = f"{INFO_FILE}, splits.{name}"
    if not _fits(content, {one.name for one in fields(SplitInfo)}, where, findings):
        return None
    names = {one.name for one in fields(ShardInfo)}
    fitting = [_fits(shard, names, f"{where}.shards", findings) for shard in content["shards"]]
    if not all(fitting):
        return None
    shards = [ShardInfo(**{one: shard[one] for one in names}) for shard in content["shards"]]
    rest = {one.name: content[one.name] for one in fields(SplitInfo) if one.name != "shards"}
    return SplitInfo(**rest, shards=shards)


def compare_files(folder: Path, tars: list[Path], stored: StoredInfo, findings: Findings) -> None:
    """Note shards that are named but not there, there but not named, and left-overs."""
    there, named = {tar.name for tar in tars}, stored.shards().keys()
    for file in sorted(named - there):
        findings.add("missing_shard", file)
    for file in sorted(there - named) if stored.splits else ():
        findings.add("unlisted_shard", file)
    for partial in sorted(folder.glob("*.partial")):
        findings.add("unfinished", partial.name)


def compare_counts(stored: StoredInfo, tally: Tally, findings: Findings) -> None:
    """Note where ``info.json`` counts otherwise than the shards."""
    for name, promised in stored.splits.items():
        found = tally.split(name)
        pairs = {
            "utterances": (promised.utterances, found.utterances),
            "emotions": (promised.emotions, dict(found.emotions)),
            "languages": (promised.languages, dict(found.languages)),
            "speakers": (sorted(promised.speakers), sorted(found.speaker_names)),
        }
        for what, (said, counted) in pairs.items():
            if said != counted:
                findings.add("counts", f"{name}: {_difference(what, said, counted)}")
        if abs(promised.hours - found.hours) > LONGEST_DRIFT_HOURS:
            findings.add("counts", f"{name}: hours: said {promised.hours}, found {found.hours:.4f}")


def _difference(what: str, said: Any, counted: Any) -> str:
    if isinstance(said, dict):
        names = sorted(name for name in {*said, *counted} if said.get(name, 0) != counted.get(name, 0))
        return f"{what}: " + ", ".join(f"{n}: said {said.get(n, 0)}, found {counted.get(n, 0)}" for n in names)
    if isinstance(said, list):
        gone, new = sorted({*said} - {*counted}), sorted({*counted} - {*said})
        return f"{what}: {len(gone)} not found {gone[:3]}, {len(new)} not said {new[:3]}"
    return f"{what}: said {said}, found {counted}"
