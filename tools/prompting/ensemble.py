"""One answer from several wordings of a question: the mean of their probabilities, or a vote."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from c2ser_lightning.report.predictions import Prediction

Answers = Sequence[Prediction]
"""The answers to one wording, one for each utterance, sorted by key."""


def ensemble(wordings: Sequence[Answers]) -> list[Prediction]:
    """Return an answer for each utterance: by mean probability where every wording scored the labels, else by vote.

    Args:
        wordings: K lists of answers to the same N utterances, in the order of the wordings.
    """
    return [_joint(asked) for asked in zip(*wordings, strict=True)]


def mean_probabilities(answers: Sequence[Prediction]) -> dict[str, float]:
    """Return the mean over wordings of each emotion's probability."""
    tables = [answer.probabilities or {} for answer in answers]
    return {emotion: sum(table[emotion] for table in tables) / len(tables) for emotion in tables[0]}


def vote(answers: Sequence[Prediction]) -> str | None:
    """Return the emotion that most wordings were answered with; answers without one do not vote.

    Of emotions with equally many votes, the one that was answered to the earliest wording wins: the first is what the
    system was built for.
    """
    votes = Counter(answer.predicted for answer in answers if answer.predicted is not None)
    if not votes:
        return None
    most = max(votes.values())
    return next(answer.predicted for answer in answers if votes.get(answer.predicted or "") == most)


def unanimous(wordings: Sequence[Answers]) -> float:
    """Return the share of utterances that are answered with one and the same emotion, or none, in all wordings."""
    same = [len({answer.predicted for answer in asked}) == 1 for asked in zip(*wordings, strict=True)]
    return sum(same) / max(1, len(same))


def _joint(asked: tuple[Prediction, ...]) -> Prediction:
    if all(answer.probabilities for answer in asked):
        table = mean_probabilities(asked)
        return replace(asked[0], predicted=max(table, key=lambda emotion: table[emotion]), probabilities=table)
    return replace(asked[0], predicted=vote(asked), answer="", probabilities=None)
