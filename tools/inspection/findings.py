"""What an inspection finds: the kinds in the order of the page, how often each was met, and a few of the places."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

Severity = Literal["error", "warning"]

KEPT_PLACES = 12
"""Places shown of each kind; more are counted only, so that memory does not grow with the corpus."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One thing that can be wrong.

    Attributes:
        name: Short stable name, for the terminal and for tests.
        severity: An ``error`` means that the folder is not what its builder wrote, or cannot be trained on.
        title: What it is.
        advice: What to do.
    """

    name: str
    severity: Severity
    title: str
    advice: str


_REBUILD = "Build the folder again; a finished build verifies."

KINDS = (
    Kind("info", "error", "info.json is missing or does not fit its schema", _REBUILD),
    Kind("missing_shard", "error", "Shards that info.json names are not there", _REBUILD),
    Kind("unlisted_shard", "error", "Shards that info.json does not name", "Remove them, or build the folder again."),
    Kind("checksum", "error", "Shards changed since they were built", "Copy them again from where they were whole."),
    Kind("damaged_tar", "error", "Tars that cannot be read to their end", "Copy or build them again."),
    Kind("index", "error", "Indexes that do not say what their tar holds", "Delete them: readers then scan the tar."),
    Kind("missing_member", "error", "Utterances without sound or without record", _REBUILD),
    Kind("record", "error", "Records that do not fit the schema", _REBUILD),
    Kind("audio", "error", "Sound that cannot be decoded", _REBUILD),
    Kind("key_twice", "error", "Keys that two utterances share", "A key names one utterance; rename in the source."),
    Kind("counts", "error", "info.json counts otherwise than the shards", _REBUILD),
    Kind("ledger", "error", "ledger.jsonl cannot be read, or counts otherwise than info.json", _REBUILD),
    Kind(
        "duplicate_across_splits",
        "warning",
        "The same sound in two splits",
        "Test scores would be too good. Keep it in one split.",
    ),
    Kind(
        "speaker_in_two_splits",
        "warning",
        "Speakers in more than one split",
        "Scores then hold for known speakers. Split by speaker, unless the corpus' official split is meant.",
    ),
    Kind(
        "duplicate_in_split",
        "warning",
        "The same sound twice in a split",
        "It counts twice; where its labels differ, one of them is wrong.",
    ),
    Kind(
        "label_skew",
        "warning",
        "Labels out of balance",
        "Read UA and Macro-F1 rather than WA, and draw training batches by class.",
    ),
    Kind("clipping", "warning", "Clipped sound", "Levels of loudness are off there; look for a softer copy."),
    Kind("silence", "warning", "Silent or nearly silent sound", "Check the stretches of time in the source."),
    Kind(
        "sound_format",
        "warning",
        "Sound that is not 16 kHz mono",
        "It is resampled at every reading; build the folder with tools.make_shards.",
    ),
    Kind(
        "transcript_too_long",
        "warning",
        "Transcripts too long for their sound",
        "Transcript and sound may belong to different utterances, or the sound was cut.",
    ),
    Kind("attributes_missing", "warning", "Attributes without a value", "Their level is unknown and left unsaid."),
    Kind("levels_missing", "warning", "Levels missing beside a measured value", _REBUILD),
    Kind(
        "levels_differ",
        "warning",
        "Levels other than the stored statistics give",
        "Build the folder again, so that texts and levels go together.",
    ),
    Kind("texts_missing", "warning", "Utterances without a text that training needs", "Build with a teacher."),
    Kind("left_out", "warning", "Inputs that were left out", "Each is named in ledger.jsonl with its reason."),
    Kind("teacher_fallback", "warning", "Texts that the teacher left to the template", "See docs/teachers.md."),
    Kind("no_index", "warning", "Shards without an index", "They are scanned whole at every start of a training."),
    Kind("unfinished", "warning", "Left-overs of an interrupted build", "Run the build again: it cleans up."),
)
"""Every kind, in the order in which the page shows them."""

_BY_NAME = {kind.name: kind for kind in KINDS}


@dataclass(slots=True)
class Finding:
    """One kind as it was met.

    Attributes:
        kind: What.
        count: How often.
        places: The first places, in words.
        more: How many were counted that no place tells of.
    """

    kind: Kind
    count: int = 0
    places: list[str] = field(default_factory=list)
    more: int = 0


class Findings:
    """Collects what is found."""

    def __init__(self) -> None:
        """Start with nothing found."""
        self._met: dict[str, Finding] = {}

    def add(self, name: str, place: str, *, count: int = 1) -> None:
        """Note one place, which may stand for several of its kind.

        Raises:
            KeyError: No kind has that name.
        """
        finding = self._met.setdefault(name, Finding(_BY_NAME[name]))
        finding.count += count
        if len(finding.places) < KEPT_PLACES:
            finding.places.append(place)
        else:
            finding.more += count

    def has_room(self, name: str) -> bool:
        """Whether another place of a kind would be shown."""
        return name not in self._met or len(self._met[name].places) < KEPT_PLACES

    def __iter__(self) -> Iterator[Finding]:
        """Yield what was met, in the order of the page."""
        return (self._met[kind.name] for kind in KINDS if kind.name in self._met)

    def of(self, severity: Severity) -> list[Finding]:
        """Return the errors or the warnings."""
        return [finding for finding in self if finding.kind.severity == severity]

    def names(self) -> list[str]:
        """Return the names of what was met."""
        return [finding.kind.name for finding in self]
