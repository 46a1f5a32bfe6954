"""Extraction: every utterance once, the same as alone, within the budget, and what cannot be used is named."""

import numpy as np
import pytest
import soundfile
import torch

from c2ser_lightning.data.ledger import Ledger
from c2ser_lightning.models.upstreams import UpstreamSource
from tests.shards import tone
from tests.tiny import emotion2vec_config
from tools.probing.extraction import Extraction
from tools.probing.feature_store import FeatureStore
from tools.probing.settings import FeatureSettings
from tools.probing.utterances import FileSound, Utterance

SECONDS = [0.3, 0.9, 0.5, 0.77, 0.41]
OURS = UpstreamSource("ours", "emotion2vec:random", random_config=emotion2vec_config())


@pytest.fixture
def utterances(tmp_path):
    made = []
    for number, seconds in enumerate(SECONDS):
        path = tmp_path / f"{number}.wav"
        soundfile.write(path, tone(number, seconds), 16_000)
        made.append(Utterance(f"utt{number}", "a", seconds, FileSound(path)))
    return made


def extraction(tmp_path, source: UpstreamSource = OURS, ledger: Ledger | None = None, **settings) -> Extraction:
    upstream, store = source.load(), FeatureStore(tmp_path / "cache", source.fingerprint())
    named = Ledger() if ledger is None else ledger
    return Extraction(upstream, store, FeatureSettings(**settings), torch.device("cpu"), named)


def spied(upstream, monkeypatch) -> list[tuple[int, ...]]:
    """Shapes of the batches that an upstream is asked for."""
    shapes, original = [], upstream.extract
    monkeypatch.setattr(upstream, "extract", lambda wave, n: (shapes.append(tuple(wave.shape)), original(wave, n))[1])
    return shapes


@pytest.mark.parametrize("budget", [0.1, 2.0, 60.0])
def test_features_are_those_of_the_utterance_alone_at_any_budget(budget, utterances, tmp_path, monkeypatch):
    made = extraction(tmp_path, batch_seconds=budget)
    shapes = spied(made._upstream, monkeypatch)
    digests = made.run(utterances, "test")
    assert all(rows == 1 or rows * samples <= budget * 16_000 for rows, samples in shapes)
    assert len(shapes) == {0.1: 5, 60.0: 1}.get(budget, len(shapes))
    upstream = OURS.load()
    for one in utterances:
        samples, _ = soundfile.read(one.sound.path, dtype="float32")
        frames, valid = upstream.extract(torch.from_numpy(samples)[None], [len(samples)])
        stored = made._store.read(digests[one.key]).float()
        torch.testing.assert_close(stored, frames[0][valid[0]], atol=4e-3, rtol=2e-3)


def test_upstreams_that_padding_disturbs_are_asked_for_one_utterance_at_a_time(utterances, tmp_path, monkeypatch):
    made = extraction(tmp_path, UpstreamSource("bank", "fbank"))
    shapes = spied(made._upstream, monkeypatch)
    made.run(utterances, "test")
    assert sorted(shapes) == sorted((1, round(seconds * 16_000)) for seconds in SECONDS)


def test_an_interrupted_extraction_goes_on_and_a_finished_one_computes_nothing(utterances, tmp_path):
    first = extraction(tmp_path)
    first.run(utterances[:2], "test")
    second = extraction(tmp_path)
    digests = second.run(utterances, "test")
    assert (first.computed, second.computed) == (2, 3)
    third = extraction(tmp_path)
    assert third.run(utterances, "test") == digests
    assert third.computed == 0
    other = extraction(tmp_path, UpstreamSource("o", "emotion2vec:random", emotion2vec_config(), seed=1))
    other.run(utterances, "test")
    assert other.computed == 5


def test_bad_and_missing_audio_is_named_and_the_rest_is_used(utterances, tmp_path):
    bad = {"garbage": b"no sound", "silent": None, "short": None}
    soundfile.write(tmp_path / "silent.wav", np.zeros(8000), 16_000)
    soundfile.write(tmp_path / "short.wav", tone(0, 0.05), 16_000)
    (tmp_path / "garbage.wav").write_bytes(bad["garbage"])
    more = [Utterance(name, "a", 0.5, FileSound(tmp_path / f"{name}.wav")) for name in (*bad, "missing")]
    more.append(Utterance("long", "a", 0.9, FileSound(tmp_path / "1.wav", span=(0.0, 0.85))))
    ledger = Ledger()
    digests = extraction(tmp_path, ledger=ledger, max_seconds=0.8).run([*utterances, *more], "test")
    assert set(digests) == {"utt0", "utt2", "utt3", "utt4"}
    reasons = {skip.key: skip.reason for skip in ledger.skips}
    expected = {"garbage": "undecodable", "silent": "silent", "short": "too_short", "missing": "missing_file"}
    assert reasons == {**expected, "utt1": "too_long", "long": "too_long"}


def test_features_that_are_not_finite_are_not_kept(utterances, tmp_path, monkeypatch):
    ledger = Ledger()
    made = extraction(tmp_path, ledger=ledger)
    original = made._upstream._extract

    def broken(waveforms, lengths):
        frames, valid = original(waveforms, lengths)
        frames[0] = float("nan")
        return frames, valid

    monkeypatch.setattr(made._upstream, "_extract", broken)
    assert len(made.run(utterances, "test")) == 4
    assert ledger.counts() == {"no_features": 1}


def test_channel_and_span_are_what_the_list_means(tmp_path):
    stereo = np.stack([tone(0, 1.0), tone(3, 1.0)], axis=1)
    soundfile.write(tmp_path / "stereo.wav", stereo, 16_000, subtype="FLOAT")
    sound = FileSound(tmp_path / "stereo.wav", channel=2, span=(0.25, 0.75))
    np.testing.assert_array_equal(sound.decode(sound.encoded(), 0.1, 30.0), stereo[4000:12000, 1])
    mixed = FileSound(tmp_path / "stereo.wav", channel=3)
    np.testing.assert_allclose(mixed.decode(mixed.encoded(), 0.1, 30.0), stereo.mean(1), atol=1e-6)
