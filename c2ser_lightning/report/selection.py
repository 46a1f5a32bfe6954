"""Which utterances a page shows: a fixed number, spread over emotions, half of them wrong where there are enough."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence

from c2ser_lightning.report.predictions import Prediction


def choose_examples(systems: Sequence[Sequence[Prediction]], count: int) -> list[str]:
    """Choose utterance keys, the same for every system and every run.

    Emotions take turns; within an emotion, utterances that the last system got wrong and right take turns, in the order
    of a hash of their keys.

    Args:
        systems: Predictions of each system over the same utterances.
        count: How many to choose at most.
    """
    queues: dict[tuple[str, bool], list[str]] = defaultdict(list)
    for prediction in systems[-1]:
        queues[prediction.emotion or "", prediction.correct].append(prediction.key)
    for keys in queues.values():
        keys.sort(key=lambda key: hashlib.sha256(key.encode()).digest(), reverse=True)
    chosen: list[str] = []
    while len(chosen) < count and any(queues.values()):
        for correct in (False, True):
            for emotion in sorted({emotion for emotion, _ in queues}):
                left = queues.get((emotion, correct))
                if left and len(chosen) < count:
                    chosen.append(left.pop())
    return chosen
