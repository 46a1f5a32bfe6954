"""From the frequencies of voiced frames to what is written of an utterance."""

import math
from dataclasses import dataclass
from typing import Self

import numpy as np

from tools.attributes.pitch.settings import FrameValues

SEMITONE_REFERENCE = 27.5
"""Hz of semitone 0: the A0 of eGeMAPS (Eyben et al. 2016), so that values compare with openSMILE's."""

RANGE_PERCENTILES = (5.0, 95.0)
"""Ends of the range: a lone octave error must not set them."""


@dataclass(frozen=True, slots=True)
class Pitch:
    """Pitch of one clip over its voiced frames; all ``None`` when there are none.

    Attributes:
        mean_hz: Arithmetic mean in Hz.
        range_hz: Distance of the 5th and the 95th percentile in Hz.
        mean_semitones: Mean in semitones above 27.5 Hz, which is the geometric mean of the frequencies.
        range_semitones: Distance of the 5th and the 95th percentile in semitones.
    """

    mean_hz: float | None = None
    range_hz: float | None = None
    mean_semitones: float | None = None
    range_semitones: float | None = None

    @classmethod
    def of(cls, frequencies: FrameValues) -> Self:
        """Summarise the Hz ``[V]`` of voiced frames."""
        if not len(frequencies):
            return cls()
        values = frequencies.astype(np.float64)
        low, high = (float(edge) for edge in np.percentile(values, RANGE_PERCENTILES))
        mean_semitones = 12 * float(np.log2(values / SEMITONE_REFERENCE).mean())
        interval = 12 * math.log2(high / low)
        return cls(round(float(values.mean()), 2), round(high - low, 2), round(mean_semitones, 3), round(interval, 3))
