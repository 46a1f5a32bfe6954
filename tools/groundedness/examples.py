"""A few answers before and after a change, for a person to read."""

import hashlib
from collections.abc import Sequence

from c2ser_lightning.report.predictions import Prediction
from c2ser_lightning.report.probes import ProbeExample
from tools.groundedness.outcome import move, stated_words
from tools.groundedness.probes import Probe

FOLLOWED, AGAINST, STAYED = "followed", "went against", "stayed"
INVENTED, CHANGED = "invented", "changed emotion"
SHOWN = 2
"""Examples of each probe."""


def examples(probe: Probe, before: Sequence[Prediction], after: Sequence[Prediction]) -> list[ProbeExample]:
    """Return at most :data:`SHOWN` examples of different verdicts, the same in every run."""
    chosen: dict[str, ProbeExample] = {}
    pairs = sorted(zip(before, after, strict=True), key=lambda pair: _order(probe, pair[0]))
    for one, other in pairs:
        found = verdict(probe, one, other)
        if found is not None and found not in chosen:
            who = (one.key, one.speaker, one.language, one.emotion)
            chosen[found] = ProbeExample(probe.name, found, *who, one.answer, other.answer)
    rank = (FOLLOWED, AGAINST, INVENTED, CHANGED, STAYED)
    return sorted(chosen.values(), key=lambda example: rank.index(example.verdict))[:SHOWN]


def verdict(probe: Probe, before: Prediction, after: Prediction) -> str | None:
    """Say what an answer did under a change; ``None`` where nothing could be expected of it."""
    if probe.kind == "level":
        levels = move(probe, before, after)
        return None if levels is None else FOLLOWED if levels > 0 else AGAINST if levels < 0 else STAYED
    if probe.kind == "void":
        return INVENTED if stated_words(after) or after.predicted not in (None, "neutral") else None
    return CHANGED if before.predicted != after.predicted else STAYED


def _order(probe: Probe, row: Prediction) -> bytes:
    """Put utterances into an order of their own for each probe, so that not all show the same one."""
    return hashlib.sha256(f"{probe.name} {row.corpus} {row.key}".encode()).digest()
