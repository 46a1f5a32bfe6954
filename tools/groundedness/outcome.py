"""What became of the answers under a probe, beside the answers to the speech as it was recorded."""

from collections.abc import Sequence
from dataclasses import dataclass

from c2ser_lightning.report.predictions import Prediction
from c2ser_lightning.text.emotion_words import emotion_words, lowered
from c2ser_lightning.text.grounding import LEVEL_INDEX, ground
from c2ser_lightning.text.quotations import words_of
from tools.groundedness.probes import Probe


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


def outcome(probe: Probe, before: Sequence[Prediction], after: Sequence[Prediction], ua: float) -> Outcome:
    """Compare answers to changed speech with those to the same utterances unchanged."""
    pairs = list(zip(before, after, strict=True))
    n = max(1, len(pairs))
    moves = [_move(probe, one, other) for one, other in pairs]
    room = [move for move in moves if move is not None]
    return Outcome(
        probe=probe.name,
        n=len(pairs),
        followed=sum(move > 0 for move in room) / len(room) if room else None,
        against=sum(move < 0 for move in room) / len(room) if room else None,
        with_room=len(room),
        emotion_changed=sum(one.predicted != other.predicted for one, other in pairs) / n,
        emotional=sum(other.predicted not in (None, "neutral") for other in after) / n,
        words_stated=sum(_stated(other) for other in after) / n,
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


def _move(probe: Probe, before: Prediction, after: Prediction) -> int | None:
    """Return by how many levels a claim moved with the evidence; ``None`` without two claims or without room."""
    if probe.attribute is None:
        return None
    one, other = (ground(row.answer, "", row.levels).claimed.get(probe.attribute) for row in (before, after))
    if one is None or other is None:
        return None
    start, end = LEVEL_INDEX[one], LEVEL_INDEX[other]
    full = start == (2 if probe.direction > 0 else 0)
    return None if full else (end - start) * probe.direction


def _stated(row: Prediction) -> int:
    return len(words_of(ground(row.answer, "", row.levels).stated or ""))
