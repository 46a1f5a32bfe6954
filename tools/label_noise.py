"""Wrong training labels on purpose: how much does a recipe lose when annotators err?"""

import hashlib
from dataclasses import replace

from c2ser_lightning.data.record import UtteranceRecord
from c2ser_lightning.emotions import EMOTIONS


def noisy(record: UtteranceRecord, share: float) -> UtteranceRecord:
    """Return a record with another emotion, for ``share`` of the training utterances; others as they are.

    Whether and to which of the six other emotions a label changes is drawn from a hash of corpus and key, so that it is
    the same in every build, and what is wrong at 10 % is wrong at 20 % too. The corpus' own label stays in
    ``emotion_original``; texts are written for the wrong one.

    Args:
        record: Before its texts are written.
        share: Share of training labels to change, 0 to 1.
    """
    if record.split != "train" or record.emotion is None or not share:
        return record
    drawn = hashlib.blake2b(f"{record.corpus}/{record.key}".encode(), digest_size=16).digest()
    if int.from_bytes(drawn[:8], "big") / 2**64 >= share:
        return record
    others = [emotion for emotion in EMOTIONS if emotion != record.emotion]
    return replace(record, emotion=others[int.from_bytes(drawn[8:], "big") % len(others)])
