"""What became of the answers under a probe, beside the answers to the speech as it was recorded."""

from collections.abc import Sequence

from c2ser_lightning.report.predictions import Prediction
from c2ser_lightning.report.probes import Conflict, Outcome
from c2ser_lightning.text.emotion_words import emotion_words, lowered
from c2ser_lightning.text.grounding import LEVEL_INDEX, ground
from c2ser_lightning.text.quotations import words_of
from tools.groundedness.probes import Probe


def outcome(probe: Probe, before: Sequence[Prediction], after: Sequence[Prediction], ua: float) -> Outcome:
    """Compare answers to changed speech with those to the same utterances unchanged."""
    pairs = list(zip(before, after, strict=True))
    n = max(1, len(pairs))
    moves = [move(probe, one, other) for one, other in pairs]
    room = [levels for levels in moves if levels is not None]
    return Outcome(
        probe=probe.name,
        n=len(pairs),
        followed=sum(levels > 0 for levels in room) / len(room) if room else None,
        against=sum(levels < 0 for levels in room) / len(room) if room else None,
        with_room=len(room),
        emotion_changed=sum(one.predicted != other.predicted for one, other in pairs) / n,
        emotional=sum(other.predicted not in (None, "neutral") for other in after) / n,
        words_stated=sum(stated_words(other) for other in after) / n,
        ua=ua,
    )


def conflict(rows: Sequence[Prediction]) -> Conflict:
    """Find utterances whose transcript names just one emotion, not the reference's, and see what answers follow."""
    found = []
    for row in rows:
        named = {mention.emotion for mention in emotion_words(lowered(row.transcript))}
        if len(named) == 1 and row.emotion is not None and row.emotion not in named:
            found.append((row, named.pop()))
    n = max(1, len(found))
    voice = sum(row.predicted == row.emotion for row, _ in found) / n
    return Conflict(len(found), voice, sum(row.predicted == words for row, words in found) / n)


def move(probe: Probe, before: Prediction, after: Prediction) -> int | None:
    """Return by how many levels a claim moved with the evidence; ``None`` without two claims or without room."""
    if probe.attribute is None:
        return None
    one, other = (ground(row.answer, "", row.levels).claimed.get(probe.attribute) for row in (before, after))
    if one is None or other is None:
        return None
    start, end = LEVEL_INDEX[one], LEVEL_INDEX[other]
    full = start == (2 if probe.direction > 0 else 0)
    return None if full else (end - start) * probe.direction


def stated_words(row: Prediction) -> int:
    """Return how many words an answer quotes as spoken."""
    return len(words_of(ground(row.answer, "", row.levels).stated or ""))
