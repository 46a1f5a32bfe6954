"""Against ITU-R BS.1770-4 and the reference signals of EBU Tech 3341, within their 0.1 LU."""

import numpy as np
import pytest
import soxr
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal

from c2ser_lightning.data.audio import SAMPLE_RATE
from tests.tools.sounds import sine
from tools.attributes.loudness import integrated_loudness


@pytest.mark.parametrize("dbfs", [-40.0, -20.0, -6.0, -3.0])
def test_997_hz_sine_as_the_standard_says(dbfs):
    # BS.1770-4: a 0 dBFS sine of 997 Hz in one front channel reads -3.01 LKFS.
    assert integrated_loudness(sine(997.0, 5.0, 10 ** (dbfs / 20))) == pytest.approx(dbfs - 3.01, abs=0.1)


def tones(*parts):
    """1 kHz tones of (dBFS, seconds); one channel reads 3.01 LU less than the two of EBU Tech 3341."""
    return np.concatenate([sine(1000.0, seconds, 10 ** (dbfs / 20)) for dbfs, seconds in parts])


@pytest.mark.parametrize(
    "parts",
    [
        [(-23.0, 20.0)],  # case 1
        [(-33.0, 20.0)],  # case 2
        [(-36.0, 10.0), (-23.0, 60.0), (-36.0, 10.0)],  # case 3, relative gate
        [(-72.0, 10.0), (-36.0, 10.0), (-23.0, 60.0), (-36.0, 10.0), (-72.0, 10.0)],  # case 4, both gates
        [(-26.0, 20.0), (-20.0, 20.1), (-26.0, 20.0)],  # case 5
    ],
)
def test_reference_signals_of_ebu_tech_3341(parts):
    expected = (-33.0 if parts[0] == (-33.0, 20.0) else -23.0) - 3.01
    assert integrated_loudness(tones(*parts)) == pytest.approx(expected, abs=0.1)


def k_weighted_level(samples):
    """Ungated loudness at 48 kHz by the coefficients that BS.1770-4 prints (tables 1 and 2)."""
    shelf = [1.53512485958697, -2.69169618940638, 1.19839281085285], [1.0, -1.69065929318241, 0.73248077421585]
    high_pass = [1.0, -2.0, 1.0], [1.0, -1.99004745483398, 0.99007225036621]
    filtered = signal.lfilter(*high_pass, signal.lfilter(*shelf, samples))
    return -0.691 + 10 * np.log10(np.square(filtered).mean())


@pytest.mark.parametrize("frequency", [60.0, 150.0, 400.0, 1500.0, 3000.0, 5000.0])
def test_weighting_at_16_khz_is_that_of_the_standard_at_48(frequency):
    time = np.arange(5 * 48_000) / 48_000
    samples = 0.1 * np.sin(2 * np.pi * frequency * time)
    measured = integrated_loudness(soxr.resample(samples, 48_000, SAMPLE_RATE).astype(np.float32))
    assert measured == pytest.approx(k_weighted_level(samples), abs=0.1)


def test_silence_has_no_loudness():
    assert integrated_loudness(np.zeros(SAMPLE_RATE, np.float32)) is None
    assert integrated_loudness(np.zeros(1000, np.float32)) is None
    assert integrated_loudness(np.zeros(0, np.float32)) is None


def test_below_the_absolute_gate_has_no_loudness():
    assert integrated_loudness(sine(997.0, 1.0, 10 ** (-75 / 20))) is None
    assert integrated_loudness(sine(997.0, 0.2, 10 ** (-75 / 20))) is None


@settings(deadline=None, max_examples=150)
@given(samples=st.integers(1600, 6500))
def test_every_short_length_reads_as_the_long_tone(samples):
    assert integrated_loudness(sine(997.0, 1.0)[:samples]) == pytest.approx(-23.0, abs=0.5)


@pytest.mark.parametrize("samples", [2007, 2011, 2015])
def test_lengths_whose_seconds_round_up(samples):
    assert integrated_loudness(sine(997.0, 1.0)[:samples]) == pytest.approx(-23.0, abs=0.5)
