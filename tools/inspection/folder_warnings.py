"""Warnings that need the whole folder: speakers, labels, what was left out, and what the teacher left."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tools.inspection.examples import UNLABELLED
from tools.inspection.findings import Findings
from tools.inspection.info_check import StoredInfo
from tools.inspection.tally import Tally

SKEW = 10.0
"""How many times as frequent as the rarest label the most frequent one may be."""

FEWEST_FOR_SKEW = 20
"""Utterances of a split; of fewer, a ratio says nothing."""

NAMELESS = {"", "unknown", "none", "n/a"}
"""Speaker ids that stand for no one."""

LEDGER_FILE = "ledger.jsonl"


def warn_of_speakers(tally: Tally, findings: Findings) -> None:
    """Note speakers who are in more than one split."""
    for (corpus, speaker), part in tally.by("corpus", "speaker").items():
        if len(part.splits) > 1 and speaker.lower() not in NAMELESS:
            where = ", ".join(f"{count} in {split}" for split, count in part.splits.most_common())
            findings.add("speaker_in_two_splits", f"{corpus}/{speaker}: {where}")


def warn_of_skew(tally: Tally, findings: Findings) -> None:
    """Note splits whose labels are far from balanced, or that lack a label that another split has."""
    splits = {name: _labelled(part.emotions) for (name,), part in tally.by("split").items()}
    everywhere = {label for emotions in splits.values() for label in emotions}
    for name, emotions in splits.items():
        if emotions.total() < FEWEST_FOR_SKEW:
            continue
        (most, high), (least, low) = emotions.most_common()[0], emotions.most_common()[-1]
        if high >= SKEW * low:
            findings.add("label_skew", f"{name}: {high} {most}, {low} {least}: {high / low:.0f} to 1")
        absent = sorted(everywhere - emotions.keys())
        if absent:
            findings.add("label_skew", f"{name}: no {', no '.join(absent)}, which other splits have")


def _labelled(emotions: Counter[str]) -> Counter[str]:
    return Counter({label: count for label, count in emotions.items() if label != UNLABELLED})


def check_ledger(folder: Path, stored: StoredInfo, findings: Findings) -> None:
    """Note what was left out, by reason, and a ledger that does not agree with ``info.json``."""
    for reason, count in stored.left_out.items():
        findings.add("left_out", f"{count} {reason}", count=count)
    path = folder / LEDGER_FILE
    if not path.is_file():
        if stored.left_out:
            findings.add("ledger", f"there is no {LEDGER_FILE}, and info.json counts {sum(stored.left_out.values())}")
        return
    try:
        counted = Counter(_reasons(path))
    except (ValueError, TypeError, KeyError) as error:
        findings.add("ledger", f"{LEDGER_FILE} is no ledger ({type(error).__name__}: {error})")
        return
    if stored.splits and counted != Counter(stored.left_out):
        findings.add("ledger", f"info.json counts {stored.left_out}, {LEDGER_FILE} names {dict(counted)}")


def _reasons(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            row: Any = json.loads(line)
            yield str(row["reason"])


def warn_of_teacher(stored: StoredInfo, findings: Findings) -> None:
    """Note how many texts of each kind fell back to the template."""
    for kind, numbers in stored.teacher.get("texts", {}).items():
        count, asked = numbers.get("fallbacks", 0), numbers.get("asked", 0)
        if count:
            place = f"{kind}: {count} of {asked} that {stored.teacher.get('teacher', 'the teacher')} was asked for"
            findings.add("teacher_fallback", place, count=count)
