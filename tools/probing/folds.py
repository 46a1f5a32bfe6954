"""Folds that are made here: one session out (IEMOCAP), some speakers out."""

import re
from collections.abc import Callable, Sequence

import numpy as np

from tools.corpora.base import CorpusError
from tools.probing.utterances import Fold, Utterance

SESSION = re.compile(r"Ses(\d+)")
"""Where IEMOCAP's keys carry the session: ``Ses01F_impro04_F000``."""


def leave_one_session_out(utterances: Sequence[Utterance]) -> list[Fold]:
    """Return one fold a session, each tested once: IEMOCAP's five, whose two speakers are heard in no other.

    Raises:
        CorpusError: A key carries no session number, or all carry the same.
    """

    def session(one: Utterance) -> str:
        match = SESSION.search(one.key)
        if match is None:
            raise CorpusError(f"{one.key} carries no session number (Ses01...); leave_one_session_out is for IEMOCAP")
        return f"session {int(match[1])}"

    groups = sorted({session(one) for one in utterances})
    return _one_group_out(utterances, session, [[group] for group in groups], "session")


def leave_speakers_out(utterances: Sequence[Utterance], count: int) -> list[Fold]:
    """Return folds whose test speakers are heard in no other part; speakers that follow by name share a fold.

    Raises:
        CorpusError: There are fewer speakers than folds.
    """
    speakers = sorted({one.speaker for one in utterances})
    if len(speakers) < count or not all(speakers):
        raise CorpusError(f"{count} folds need as many named speakers; the shards name {len(speakers)}")
    groups = [part.tolist() for part in np.array_split(np.asarray(speakers), count)]
    return _one_group_out(utterances, lambda one: one.speaker, groups, "speaker")


def _one_group_out(
    utterances: Sequence[Utterance], group_of: Callable[[Utterance], str], groups: list[list[str]], what: str
) -> list[Fold]:
    if len(groups) < 2:
        raise CorpusError(f"there is only one {what}, so none can be left out")
    return [
        Fold(
            name=", ".join(members) if what == "session" else f"{what}s {members[0]} to {members[-1]}",
            train=[one for one in utterances if group_of(one) not in members],
            test=[one for one in utterances if group_of(one) in members],
        )
        for members in groups
    ]
