"""One utterance that reviewers are asked about, and the file that lists them."""

import hashlib
import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path

from tools.corpora.recording import Recording, Segment

CANDIDATES_FILE = "candidates.jsonl"


class EmiliaError(ValueError):
    """A file of this tool cannot be used; the message names the file and the row."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One line of ``candidates.jsonl``.

    Attributes:
        index: Emilia's name of the utterance, such as ``EN_B00012_S00345_W000001``.
        corpus: Where it comes from.
        key: Its name there.
        speaker: Its speaker there.
        language: ``en`` or ``zh``.
        emotion: The automatic label.
        text: Words.
        file: Sound file; in the list relative to the list.
        start: Seconds within the file, where it is a stretch of one.
        end: Likewise.
        confidence: Product of the two below.
        speech_confidence: Probability of the speech label.
        text_confidence: Share of the answers with the text label.
    """

    index: str
    corpus: str
    key: str
    speaker: str
    language: str
    emotion: str
    text: str
    file: str
    start: float | None
    end: float | None
    confidence: float
    speech_confidence: float
    text_confidence: float

    @property
    def recording(self) -> Recording:
        """The sound; ``file`` has to be a usable path."""
        if self.start is None and self.end is None:
            return Path(self.file)
        return Segment(Path(self.file), self.start or 0.0, self.end)


def write_candidates(candidates: Iterable[Candidate], folder: Path) -> Path:
    """Write ``candidates.jsonl``, whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    base, target = folder.resolve(), folder / CANDIDATES_FILE
    partial = target.with_suffix(".jsonl.partial")
    with partial.open("w", encoding="utf-8") as file:
        for candidate in candidates:
            relative = Path(os.path.relpath(Path(candidate.file).resolve(), base)).as_posix()
            file.write(json.dumps(asdict(replace(candidate, file=relative)), ensure_ascii=False) + "\n")
    partial.replace(target)
    return target


def read_candidates(source: Path) -> list[Candidate]:
    """Read ``candidates.jsonl``, or the one of a folder; paths become usable from here.

    Raises:
        EmiliaError: There is no such file, a line is no candidate, or an index stands twice.
    """
    path = source / CANDIDATES_FILE if source.is_dir() else source
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise EmiliaError(f"no readable list of candidates {path}: {error}") from error
    found: dict[str, Candidate] = {}
    for number, line in enumerate(lines, start=1):
        candidate = _parsed(line, f"{path}, line {number}")
        if candidate.index in found:
            raise EmiliaError(f"{path}, line {number}: {candidate.index} stands there twice")
        found[candidate.index] = replace(candidate, file=str(path.parent / candidate.file))
    if not found:
        raise EmiliaError(f"{path} lists no candidate")
    return list(found.values())


def _parsed(line: str, where: str) -> Candidate:
    names = {field.name for field in fields(Candidate)}
    try:
        entry = json.loads(line)
        return Candidate(**{name: value for name, value in entry.items() if name in names})
    except (ValueError, TypeError, AttributeError) as error:
        raise EmiliaError(f"{where}: no candidate: {error}; write the list again") from error


def sheet_id(candidates: Sequence[Candidate]) -> str:
    """Return 12 hexadecimal digits that name a set of candidates, so that reviews of another one are noticed."""
    return hashlib.sha256("\n".join(sorted(one.index for one in candidates)).encode()).hexdigest()[:12]


def drawn(seed: int, *names: str) -> str:
    """Return a string that sorts in an order drawn by ``seed``: the same for the same names, on any machine."""
    return hashlib.sha256("\0".join([str(seed), *names]).encode()).hexdigest()
