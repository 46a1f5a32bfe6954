"""Names of utterances as Emilia has them: language, batch, speaker, utterance."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from tools.emo_emilia.candidate import Candidate

OWN_BATCH = 900_000
"""Batches from here on are none of Emilia's: they stand for other corpora, in alphabetical order."""
_Name = TypeVar("_Name", str, tuple[str, ...])
_INDEX = re.compile(r"(?P<language>ZH|EN)_B\d+_S\d+_W\d+")


def with_indices(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Give every candidate an index, in the same order.

    Emilia's utterances keep their own. Others get one that its reader understands; corpus, speaker and key, which stay
    in the list beside it, say where they come from.
    """
    others = [one for one in candidates if not is_emilia(one)]
    corpora = _numbers([one.corpus for one in others])
    speakers = _numbers([(one.language, one.corpus, one.speaker) for one in others])
    keys = _numbers([(one.corpus, one.key) for one in others])
    return [
        replace(one, index=one.key)
        if is_emilia(one)
        else replace(
            one,
            index=f"{one.language.upper()}_B{OWN_BATCH + corpora[one.corpus]}"
            f"_S{speakers[one.language, one.corpus, one.speaker]:05d}_W{keys[one.corpus, one.key]:06d}",
        )
        for one in candidates
    ]


def is_emilia(candidate: Candidate) -> bool:
    """Whether a key is an index of Emilia in the utterance's own language."""
    match = _INDEX.fullmatch(candidate.key)
    return match is not None and match["language"].lower() == candidate.language


def _numbers(names: Sequence[_Name]) -> dict[_Name, int]:
    return {name: number for number, name in enumerate(sorted(set(names)))}
