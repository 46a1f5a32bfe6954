import numpy as np
import pytest

from c2ser_lightning.data.audio import encode_flac
from tests.tools.inspection.folders import speech_like
from tools.inspection.sound_check import Sound, SoundError, clipping, decode, flat_tops, silence, sounding_share


def sound(wave, rate=16_000):
    return Sound(np.round(np.asarray(wave) * 32767).astype(np.int16), rate, 1)


def naive_flat_tops(samples):
    """Walk sample by sample."""
    count = 0
    for value in {int(samples.max()), int(samples.min())}:
        run = 0
        for sample in [*samples.tolist(), None]:
            if sample == value:
                run += 1
            else:
                count += run >= 3 and abs(value) >= 3276.8
                run = 0
    return count


@pytest.mark.parametrize("seed", range(20))
def test_flat_tops_as_counted_one_by_one(seed):
    draw = np.random.default_rng(seed)
    samples = np.clip(draw.integers(-9, 10, 400) * 1000, -6000, 7000).astype(np.int16)
    assert flat_tops(samples) == naive_flat_tops(samples)


def test_flat_tops_at_both_ends():
    assert flat_tops(np.array([9000, 9000, 9000, 0, -9000, -9000, -9000], dtype=np.int16)) == 2
    assert flat_tops(np.array([9000, 9000, 0, 9000, -9000, -9000, 0], dtype=np.int16)) == 0


@pytest.mark.parametrize("hertz", [60, 110, 440, 1000])
@pytest.mark.parametrize("peak", [0.12, 0.5, 0.99])
def test_a_clipped_tone_and_a_whole_one(hertz, peak):
    tone = np.sin(2 * np.pi * hertz * np.arange(8000) / 16_000 + 0.1)
    noise = np.random.default_rng(0).normal(size=8000) * 1e-3
    assert clipping(sound(peak * (0.99 * tone + noise))) == ""
    assert "flat tops" in clipping(sound(peak * np.clip(2 * tone + noise, -1, 1)))


def test_full_scale_negative_does_not_overflow():
    samples = np.tile(np.array([-32768, -32768, -32768, 0], dtype=np.int16), 500)
    assert clipping(Sound(samples, 16_000, 1)) == "500 flat tops at 0.0 dBFS"


def test_silence_and_its_opposite():
    assert silence(sound(speech_like())) == ""
    assert silence(sound(np.zeros(8000))) == "no sound at all"
    assert silence(sound(0.001 * speech_like())).startswith("peak -7")


def test_share_of_sounding_frames():
    half = np.concatenate([speech_like(1.0), np.zeros(16_000)])
    assert sounding_share(sound(half)) == pytest.approx(0.5, abs=0.02)
    assert sounding_share(sound(speech_like())) == 1.0
    assert sounding_share(sound(np.ones(10))) == 1.0


def test_decoding_returns_what_was_encoded():
    wave = speech_like()
    made = decode(encode_flac(wave))
    assert (made.rate, made.channels, made.as_written, made.seconds) == (16_000, 1, True, 0.5)
    assert np.abs(made.samples / 32768 - wave).max() < 1e-4


def test_the_fingerprint_is_of_the_samples():
    one, two = sound(speech_like()), sound(speech_like(seed=1))
    assert one.fingerprint() == sound(speech_like()).fingerprint()
    assert one.fingerprint() != two.fingerprint()
    assert 0 <= one.fingerprint() < 2**64


@pytest.mark.parametrize("data", [b"", b"noise", encode_flac(speech_like())[:300], encode_flac(np.zeros(0))])
def test_what_cannot_be_decoded_whole_is_an_error(data):
    with pytest.raises(SoundError):
        decode(data)
