import io

import numpy as np
import pytest
import soundfile

from c2ser_lightning.data.audio import SAMPLE_RATE, AudioError, decode_audio, encode_flac, load_audio
from tests.shards import tone


def encoded(samples: np.ndarray, rate: int = SAMPLE_RATE, kind: str = "WAV") -> bytes:
    buffer = io.BytesIO()
    soundfile.write(buffer, samples, rate, format=kind)
    return buffer.getvalue()


def test_flac_round_trip_within_16_bits():
    waveform = tone(1, 0.5)
    assert np.abs(decode_audio(encode_flac(waveform)) - waveform).max() < 1.0 / 2**15


def test_stereo_44100_becomes_16k_mono_of_the_same_pitch():
    time = np.arange(44_100) / 44_100
    stereo = np.stack([np.sin(2 * np.pi * 440 * time), np.zeros_like(time)], axis=1) * 0.5
    mono = decode_audio(encoded(stereo, 44_100))
    assert len(mono) == SAMPLE_RATE
    assert np.abs(np.fft.rfft(mono)).argmax() == 440
    assert np.abs(mono[2000:-2000]).max() == pytest.approx(0.25, abs=0.01)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"not audio at all", "undecodable"),
        (encoded(tone(0, 0.05)), "too_short"),
        (encoded(tone(0, 3.0)), "too_long"),
        (encoded(np.zeros(SAMPLE_RATE, np.float32)), "silent"),
        (encoded(np.zeros((0,), np.float32)), "too_short"),
    ],
)
def test_unusable_audio_names_its_reason(data, reason):
    with pytest.raises(AudioError) as caught:
        decode_audio(data, max_seconds=2.0)
    assert caught.value.reason == reason


def test_truncated_flac_is_noticed():
    whole = encode_flac(np.random.default_rng(0).normal(size=SAMPLE_RATE).astype(np.float32) * 0.1)
    with pytest.raises(AudioError) as caught:
        decode_audio(whole[: len(whole) // 2])
    assert caught.value.reason in {"truncated", "undecodable"}


def test_not_finite_samples_are_named():
    samples = tone(0, 0.5)
    samples[7] = np.nan
    buffer = io.BytesIO()
    soundfile.write(buffer, samples, SAMPLE_RATE, format="WAV", subtype="FLOAT")
    with pytest.raises(AudioError) as caught:
        decode_audio(buffer.getvalue())
    assert caught.value.reason == "not_finite"


def test_missing_file_is_named(tmp_path):
    with pytest.raises(AudioError, match=r"no such file.*gone\.flac"):
        load_audio(tmp_path / "gone.flac")


def test_one_channel_and_a_span_of_it():
    stereo = np.stack([tone(1, 1.0), tone(2, 1.0)], axis=1)
    data = encoded(stereo)
    part = decode_audio(data, channel=2, span=(0.25, 0.5))
    np.testing.assert_allclose(part, stereo[4000:8000, 1], atol=1e-4)
    np.testing.assert_allclose(decode_audio(data, channel=3), stereo.mean(axis=1), atol=1e-4)
    for span in ((0.5, 0.5), (2.0, 3.0), (-2.0, -1.0)):
        with pytest.raises(AudioError, match="shorter"):
            decode_audio(data, span=span)
