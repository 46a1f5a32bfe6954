"""What ``tools.probe_groundedness`` found of a system, as it lies in the run's folder and is shown on the page."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from c2ser_lightning.report.further import typed
from c2ser_lightning.report.json_numbers import without_nan

PROBES_FILE = "probes.json"


class ProbeFileError(ValueError):
    """The probes' file cannot be read; the message names it."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Answers to one probe.

    Attributes:
        probe: Its name.
        n: Answers.
        followed: Share of claims of the moved attribute, among those that had room to move, that moved as the evidence
            did; ``None`` where the probe moves no attribute or no claim had room.
        against: Share of them that moved the other way.
        with_room: Claims that were not at the end of the scale already.
        emotion_changed: Share of answers that name another emotion than before.
        emotional: Share that name an emotion other than neutral; of silence or noise, an invention.
        words_stated: Mean number of words quoted as spoken; of silence or noise, all invented.
        ua: UA against the reference, where the utterances still have one.
    """

    probe: str
    n: int
    followed: float | None
    against: float | None
    with_room: int
    emotion_changed: float
    emotional: float
    words_stated: float
    ua: float


@dataclass(frozen=True, slots=True)
class Conflict:
    """Utterances whose words name another emotion than their voice has.

    Attributes:
        n: How many there are.
        followed_voice: Share of answers that name the reference emotion.
        followed_words: Share that name the emotion in the words.
    """

    n: int
    followed_voice: float
    followed_words: float


@dataclass(frozen=True, slots=True)
class ProbeExample:
    """One utterance before and after a change.

    Attributes:
        probe: What was changed.
        verdict: What the answer did: ``followed``, ``went against``, ``stayed``, ``invented`` or ``changed emotion``.
        key: Utterance key.
        speaker: Speaker id.
        language: ISO 639-1 code.
        emotion: Reference emotion.
        before: The answer to the speech as recorded.
        after: The answer to the changed speech.
    """

    probe: str
    verdict: str
    key: str
    speaker: str
    language: str
    emotion: str | None
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class ProbeReport:
    """All outcomes of one system on one test set.

    Attributes:
        utterances: How many were asked about.
        as_recorded: The answers to unchanged speech.
        probes: One for each change.
        conflict: Utterances whose words contradict the voice.
        examples: A few answers before and after.
        checkpoint: Whose answers they are.
        date: Day of the probe, ISO.
    """

    utterances: int
    as_recorded: Outcome
    probes: list[Outcome]
    conflict: Conflict
    examples: list[ProbeExample] = field(default_factory=list)
    checkpoint: str = ""
    date: str = ""

    def write(self, path: Path) -> None:
        """Write JSON, folders included."""
        path.parent.mkdir(parents=True, exist_ok=True)
        content = json.dumps(without_nan(asdict(self)), ensure_ascii=False, indent=1)
        path.write_text(content + "\n", encoding="utf-8")


def read_probes(path: Path) -> ProbeReport | None:
    """Read what :meth:`ProbeReport.write` wrote; ``None`` where nothing was probed.

    Raises:
        ProbeFileError: The file holds something else.
    """
    if not path.is_file():
        return None
    try:
        report: ProbeReport = typed(ProbeReport, json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError, AttributeError) as error:
        raise ProbeFileError(
            f"{path}: not what tools.probe_groundedness writes: {error}; probe again or delete it"
        ) from error
    return report
