import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from c2ser_lightning.data.audio import SAMPLE_RATE
from tests.tools.sounds import sine
from tools.attributes.loudness import integrated_loudness


@pytest.mark.parametrize("dbfs", [-40.0, -20.0, -6.0])
def test_997_hz_sine_as_the_standard_says(dbfs):
    # BS.1770-4: a 0 dBFS sine of 997 Hz in one front channel reads -3.01 LKFS.
    assert integrated_loudness(sine(997.0, 5.0, 10 ** (dbfs / 20))) == pytest.approx(dbfs - 3.01, abs=0.1)


def test_gating_passes_over_silence():
    clip = np.concatenate([sine(997.0, 3.0), np.zeros(6 * SAMPLE_RATE, np.float32)])
    assert integrated_loudness(clip) == pytest.approx(-23.01, abs=0.3)


def test_silence_has_no_loudness():
    assert integrated_loudness(np.zeros(SAMPLE_RATE, np.float32)) is None
    assert integrated_loudness(np.zeros(1000, np.float32)) is None


@settings(deadline=None, max_examples=150)
@given(samples=st.integers(1600, 6500))
def test_every_short_length_reads_as_the_long_tone(samples):
    assert integrated_loudness(sine(997.0, 1.0)[:samples]) == pytest.approx(-23.0, abs=0.5)


@pytest.mark.parametrize("samples", [2007, 2011, 2015])
def test_lengths_whose_seconds_round_up(samples):
    assert integrated_loudness(sine(997.0, 1.0)[:samples]) == pytest.approx(-23.0, abs=0.5)
