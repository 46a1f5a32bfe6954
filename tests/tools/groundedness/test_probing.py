"""Two listeners whose groundedness is known: one that measures what it says, one that always says the same."""

import numpy as np
import pytest

from c2ser_lightning.emotions import EMOTIONS
from c2ser_lightning.report.predictions import Prediction
from tests.shards import record
from tests.tiny import batch
from tools.groundedness.outcome import conflict
from tools.groundedness.probes import PROBES
from tools.probe_groundedness import probe, table


def level(value: float, low: float, high: float) -> str:
    return "low" if value < low else "high" if value > high else "medium"


class Measuring:
    """Tells pitch and loudness of a tone, pace by its length, and hears nothing in silence."""

    def answer(self, heard, *, swapped):
        texts = []
        for row, length in enumerate(heard.lengths):
            wave = heard.waveforms[row, :length].numpy()
            power = float(np.sqrt((wave**2).mean()))
            if power < 1e-6:
                texts.append("There is no emotion.")
                continue
            spectrum = np.abs(np.fft.rfft(wave * np.hanning(length)))
            pitch = level(np.argmax(spectrum) * 16_000 / length, 100, 130)
            loudness, pace = level(power, 0.1, 0.4), level(heard.records[row].duration * 16_000 / length, 0.9, 1.1)
            mood = "angry" if swapped else "happy"
            texts.append(f"The pitch is {pitch}, the volume is {loudness}, the pace is {pace}. They sound {mood}.")
        return texts


class Constant:
    def answer(self, heard, *, swapped):
        return ['The pitch is medium, the volume is medium, the pace is medium: "invented words". Angry.'] * heard.size


@pytest.fixture(scope="module")
def batches():
    return [batch([seconds], emotion="happiness") for seconds in (0.9, 1.0, 1.1)]  # all of 110 Hz


@pytest.fixture(scope="module")
def reports(batches):
    return probe(Measuring(), batches, EMOTIONS), probe(Constant(), batches, EMOTIONS)


def by_name(report):
    return {row.probe: row for row in report.probes}


def test_a_founded_listener_follows_every_shift(reports):
    rows = by_name(reports[0])
    for name in [one.name for one in PROBES if one.kind == "level"]:
        assert (rows[name].followed, rows[name].against) == (1.0, 0.0), name
        assert rows[name].with_room == 3


def test_a_constant_listener_follows_nothing_and_speaks_of_silence(reports):
    rows = by_name(reports[1])
    assert all(row.followed in (None, 0.0) and row.against in (None, 0.0) for row in rows.values())
    assert (rows["silence"].emotional, rows["silence"].words_stated) == (1.0, 2.0)
    assert by_name(reports[0])["silence"].emotional == 0.0


def test_other_acoustic_vectors_change_the_emotion_of_who_listens_to_them(reports):
    assert by_name(reports[0])["acoustic vectors of another clip"].emotion_changed == 1.0
    assert by_name(reports[1])["acoustic vectors of another clip"].emotion_changed == 0.0
    assert (reports[0].as_recorded.ua, reports[1].as_recorded.ua) == (1.0, 0.0)


def test_words_against_voice():
    texts = ["I am so angry", "I am so angry", "nothing", "happy and sad"]
    rows = [
        Prediction.of(record(1, 1.0, transcript=text), given)
        for text, given in zip(texts, ["anger", "happiness", "anger", "anger"], strict=True)
    ]
    found = conflict(rows)
    assert (found.n, found.followed_words, found.followed_voice) == (2, 0.5, 0.5)


def test_a_few_answers_are_kept_to_be_read(reports):
    shown = reports[0].examples
    assert {one.probe for one in shown if one.verdict == "followed"} == {row.name for row in PROBES if row.attribute}
    assert all(one.before and one.after for one in shown)
    assert {one.verdict for one in reports[1].examples if one.probe == "silence"} == {"invented"}


def test_the_table_names_every_probe(reports):
    printed = table(reports[0])
    assert all(row.probe in printed for row in reports[0].probes)
