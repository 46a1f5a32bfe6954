"""IEMOCAP (Busso et al. 2008), English: ``IEMOCAP_full_release`` with ``Session1`` to ``Session5``.

Labels and votes come from ``dialog/EmoEvaluation/<dialogue>.txt``, words from ``dialog/transcriptions``, sound from
``sentences/wav/<dialogue>/<utterance>.wav``, or as a stretch of ``dialog/wav/<dialogue>.wav`` where the cut files are
missing. Votes are those of the outside evaluators (``C-E``), not of the actors themselves.
"""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from c2ser_lightning.data.ledger import Skip
from tools.corpora.base import CorpusError, ManifestRow
from tools.corpora.files import read_text, require_folder
from tools.corpora.recording import Recording, Segment

_TURN = re.compile(r"\[(?P<start>[\d.]+) - (?P<end>[\d.]+)\]\s+(?P<name>\w+)\s+(?P<label>\w+)\s+\[")
_VOTE = re.compile(r"C-E\d*:\s*(?P<labels>[^()]*)")
_WORDS = re.compile(r"(?P<name>Ses\w+)\s+\[[\d.]+-[\d.]+\]:\s*(?P<words>.*)")
SESSIONS = range(1, 6)
FOUR_CLASSES = frozenset({"ang", "hap", "exc", "neu", "sad"})
GENDERS = {"F": "female", "M": "male"}


def read_iemocap(
    data: Path, *, test_session: int = 0, dev_session: int = 0, four_classes: bool = False
) -> Iterator[ManifestRow | Skip]:
    """Read IEMOCAP. It has no official split: the paper trains on all of it (Table II), so do we.

    Args:
        data: Folder that holds ``Session1``.
        test_session: Session that is the test split (leave one session out), 1 to 5; 0 for none.
        dev_session: Session that is the dev split; 0 for none.
        four_classes: Leave out all but anger, happiness (with excited), neutral and sadness, as the paper's Table II.

    Raises:
        CorpusError: Not this corpus, or no such session.
    """
    require_folder(data, "IEMOCAP", "Session1, ..., Session5")
    for session in (test_session, dev_session):
        if session and session not in SESSIONS:
            raise CorpusError(f"IEMOCAP has no session {session}; it has 1 to 5")
    evaluations = sorted(data.glob("Session[1-5]/dialog/EmoEvaluation/Ses*.txt"))
    if not evaluations:
        raise CorpusError(f"{data} is not IEMOCAP: it holds no Session1/dialog/EmoEvaluation/Ses01F_impro01.txt")
    splits = {dev_session: "dev", test_session: "test"}
    for evaluation in evaluations:
        yield from _dialogue(evaluation, splits, four_classes)


def _dialogue(evaluation: Path, splits: dict[int, str], four_classes: bool) -> Iterator[ManifestRow | Skip]:
    folder = evaluation.parents[2]
    words = _transcripts(folder / "dialog" / "transcriptions" / evaluation.name)
    split = splits.get(int(folder.name[-1]), "train")
    for number, turn, votes in _turns(evaluation):
        source = f"{evaluation}, line {number}"
        name, label = turn["name"], turn["label"].lower()
        if four_classes and label not in FOUR_CLASSES:
            yield Skip(name, "label_left_out", f"{label} is none of the four classes of the paper's Table II", source)
            continue
        # Ses01F_impro01_M003: session, who wears the markers, dialogue, who speaks.
        role = name.rpartition("_")[2][:1]
        yield ManifestRow(
            key=name,
            audio=_audio(folder, evaluation.stem, turn),
            label=label,
            corpus="IEMOCAP",
            speaker=f"iemocap_{name[:5]}{role}",
            gender=GENDERS.get(role, ""),
            language="en",
            transcript=words.get(name, ""),
            split=split,
            source=source,
            votes=votes,
            seconds=round(float(turn["end"]) - float(turn["start"]), 4),
        )


def _turns(evaluation: Path) -> Iterator[tuple[int, re.Match[str], dict[str, int]]]:
    """Yield every turn with its line and the votes that follow it."""
    current: tuple[int, re.Match[str]] | None = None
    votes: Counter[str] = Counter()
    for number, line in enumerate(read_text(evaluation).splitlines(), start=1):
        turn, vote = _TURN.match(line), _VOTE.match(line)
        if turn:
            if current:
                yield *current, dict(votes)
            current, votes = (number, turn), Counter()
        elif vote:
            votes.update(label.strip() for label in vote["labels"].split(";") if label.strip())
    if current:
        yield *current, dict(votes)


def _audio(folder: Path, dialogue: str, turn: re.Match[str]) -> Recording:
    cut = folder / "sentences" / "wav" / dialogue / f"{turn['name']}.wav"
    whole = folder / "dialog" / "wav" / f"{dialogue}.wav"
    if cut.is_file() or not whole.is_file():
        return cut
    return Segment(whole, float(turn["start"]), float(turn["end"]))


def _transcripts(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    found = (_WORDS.match(line) for line in read_text(path).splitlines())
    return {match["name"]: match["words"].strip() for match in found if match}
