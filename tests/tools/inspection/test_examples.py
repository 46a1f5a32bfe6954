from collections import Counter

from tests.shards import record
from tools.inspection.examples import Examples


def keys(records, each=3):
    examples = Examples(each)
    for item in records:
        examples.offer(item, b"fLaC")
    return [example.record.key for example in examples.chosen()]


RECORDS = [record(number, 1.0) for number in range(100)]


def test_as_many_of_each_emotion_and_the_same_in_any_order():
    chosen = keys(RECORDS)
    by_key = {item.key: item for item in RECORDS}
    assert set(Counter(by_key[key].emotion for key in chosen).values()) == {3}
    assert keys(RECORDS[::-1]) == chosen


def test_every_utterance_is_as_likely():
    """Of 40 corpora with 20 utterances each, every place is drawn about as often as any other."""
    drawn = Counter()
    for corpus in range(40):
        records = [record(0, 1.0, key=f"u{n}", corpus=f"c{corpus}") for n in range(20)]
        drawn.update(keys(records, each=5))
    assert sum(drawn.values()) == 200
    assert len(drawn) == 20
    assert max(drawn.values()) < 25


def test_unlabelled_come_last():
    assert keys([record(0, 1.0, emotion=None, key="none"), record(6, 1.0)], each=1) == ["none", "utt006"][::-1]


def test_sound_becomes_a_data_uri():
    examples = Examples(1)
    examples.offer(RECORDS[0], b"fLaC1")
    examples.offer(RECORDS[1], b"RIFF1")
    assert [one.audio for one in examples.chosen()] == [
        "data:audio/flac;base64,ZkxhQzE=",
        "data:audio/wav;base64,UklGRjE=",
    ]
