"""Where speech starts and ends, by level: for rates over speech only, and to spare the pitch tracker silence."""

import numpy as np

from c2ser_lightning.data.audio import SAMPLE_RATE, Waveform

FRAME = SAMPLE_RATE // 50
BELOW_PEAK_DB = 35.0
"""A frame counts as speech when its level is within this of the loudest frame; room noise lies further below."""


def trim_silence(waveform: Waveform) -> Waveform:
    """Cut silence at both ends of ``[S]``, in steps of 20 ms; pauses inside stay."""
    frames = len(waveform) // FRAME
    if frames < 2:
        return waveform
    power = np.square(waveform[: frames * FRAME]).reshape(frames, FRAME).mean(axis=1)
    loud = np.flatnonzero(power >= power.max() * 10 ** (-BELOW_PEAK_DB / 10))
    return waveform[loud[0] * FRAME : (loud[-1] + 1) * FRAME]
