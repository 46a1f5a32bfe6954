"""Recordings are answered as shards are: in order, in any batch, and a bad one stops nothing."""

from dataclasses import replace

import numpy as np
import pytest
import soundfile
import torch

from c2ser_lightning.data.audio import SAMPLE_RATE, encode_flac
from c2ser_lightning.emotions import EMOTIONS
from c2ser_lightning.inference import EmotionRecognizer
from c2ser_lightning.inference import recognizer as module_under_test
from c2ser_lightning.modules.answering import AnsweringSettings
from c2ser_lightning.modules.recognizer import Recognizer
from c2ser_lightning.report.predictions import Prediction
from tests.shards import record, tone
from tests.tiny import batch


@pytest.fixture(scope="module")
def recognizer(stage2_run) -> EmotionRecognizer:
    return EmotionRecognizer.from_run(stage2_run, device="cpu")


@pytest.fixture
def files(tmp_path):
    """Recordings of several lengths, the longest in the middle, at several rates and formats."""
    paths = []
    for number, seconds in enumerate([0.5, 1.2, 0.8]):
        path = tmp_path / f"{number}.flac"
        path.write_bytes(encode_flac(tone(number, seconds)))
        paths.append(path)
    return paths


def probabilities(found) -> torch.Tensor:
    return torch.tensor([[one.probabilities[emotion] for emotion in EMOTIONS] for one in found])


def test_a_recording_is_scored_as_the_same_speech_in_a_shard(recognizer):
    waveforms = [tone(number, seconds) for number, seconds in enumerate([0.9, 0.6, 0.8])]
    expected = recognizer.module.scores(batch([0.9, 0.6, 0.8]), EMOTIONS).exp()
    torch.testing.assert_close(probabilities(recognizer.recognize(waveforms)), expected, atol=1e-5, rtol=0)


def test_files_are_answered_in_their_order_whatever_the_batches(recognizer, files, monkeypatch):
    together = list(recognizer.recognize(files))
    assert [one.source for one in together] == [str(path) for path in files]
    assert [one.seconds for one in together] == [0.5, 1.2, 0.8]
    monkeypatch.setattr(module_under_test, "WINDOW", 2)
    monkeypatch.setattr(recognizer, "batch_seconds", 0.1)
    alone = list(recognizer.recognize(reversed(files)))
    assert [one.source for one in alone] == [str(path) for path in reversed(files)]
    torch.testing.assert_close(probabilities(alone), probabilities(reversed(together)), atol=1e-5, rtol=0)


def test_batches_hold_so_many_seconds_padding_included(recognizer, monkeypatch):
    monkeypatch.setattr(recognizer, "batch_seconds", 3.0)
    lengths = {number: round(seconds * SAMPLE_RATE) for number, seconds in enumerate([2.0, 0.5, 0.5, 1.0, 9.0])}
    assert list(recognizer._batches(lengths)) == [[1, 2, 3], [0], [4]]


def test_two_waveforms_of_the_same_number_are_not_taken_for_each_other(stage2_run):
    """Features of a run with a cache are kept under an utterance's key."""
    recognizer = EmotionRecognizer.from_run(stage2_run, device="cpu")
    keys, answer = [], recognizer.module.recognize
    recognizer.module.recognize = lambda found, emotions: keys.extend(found.keys) or answer(found, emotions)
    found = [next(recognizer.recognize([tone(number, 0.8)])) for number in (0, 5)]
    assert found[0].source == found[1].source
    assert len(set(keys)) == 2


def test_a_bad_recording_says_why_and_the_others_are_answered(recognizer, files, tmp_path):
    (tmp_path / "text.wav").write_text("no sound")
    soundfile.write(tmp_path / "long.wav", np.random.default_rng(0).normal(0, 0.1, 31 * SAMPLE_RATE), SAMPLE_RATE)
    bad = [tmp_path / "text.wav", tmp_path / "none.wav", tmp_path / "long.wav", np.zeros((2, 9000)), np.zeros(9000)]
    bad.append(np.ones(9000, dtype=np.int16))  # samples that were never scaled
    found = list(recognizer.recognize([files[0], *bad, files[1]]))
    problems = ["", "cannot be decoded", "no such file", "longer than 30", "shape", "peak is below", "int16", ""]
    assert all(expected in one.problem for expected, one in zip(problems, found, strict=True))
    assert [one.emotion is None for one in found] == [False, *[True] * 6, False]
    assert found[4].source == "waveform 4"


def test_explanations_come_with_the_emotion(recognizer, files):
    plain, explained = (next(recognizer.recognize(files[:1], explain=explain)) for explain in (False, True))
    assert plain.rationale == ""
    assert explained.rationale == recognizer.module.answers(_as_batch(files[0]), "explicit")[0]
    assert replace(explained, rationale="") == plain


def _as_batch(path):
    waveform, _ = soundfile.read(path, dtype="float32")
    made = batch([len(waveform) / SAMPLE_RATE])
    made.waveforms[0] = torch.from_numpy(waveform)
    return made


def test_only_the_asked_emotions_are_recognised(stage2_run, files):
    found = list(EmotionRecognizer.from_run(stage2_run, emotions=("fear", "anger"), device="cpu").recognize(files))
    assert all(set(one.probabilities) == {"fear", "anger"} for one in found)
    with pytest.raises(ValueError, match="no such emotion: joy; known: anger"):
        EmotionRecognizer.from_run(stage2_run, emotions=("joy",), device="cpu")


def test_an_answer_can_be_written_instead(stage2_run, files):
    found = next(EmotionRecognizer.from_run(stage2_run, method="generate", device="cpu").recognize(files[:1]))
    assert found.probabilities is None
    assert found.answer


def test_a_system_with_one_way_to_answer(files):
    class Deaf(Recognizer):
        answering = AnsweringSettings()

        def recognize(self, batch, emotions):
            return []

    with pytest.raises(ValueError, match="Deaf explains nothing"):
        EmotionRecognizer(Deaf(), device="cpu").recognize(files, explain=True)
    with pytest.raises(ValueError, match="Deaf has one way to answer"):
        module_under_test._answer_by(Deaf(), "score")


@pytest.mark.parametrize(("precision", "dtype"), [("bf16-mixed", torch.bfloat16), ("32-true", torch.float32)])
def test_the_precision_is_that_of_the_run(precision, dtype):
    seen = []

    class Listening(Recognizer):
        def recognize(self, batch, emotions):
            seen.append((batch.waveforms @ batch.waveforms.T).dtype)
            return [Prediction.of(record(0, 1.0), "anger")]

    list(EmotionRecognizer(Listening(), device="cpu", precision=precision).recognize([tone(0, 1.0)]))
    assert seen == [dtype]
