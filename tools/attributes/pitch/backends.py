"""The registry of pitch trackers, and the one call that the data tools make."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType

from c2ser_lightning.data.audio import Waveform
from tools.attributes.pitch.settings import PitchError, PitchSettings, PitchTracker
from tools.attributes.pitch.summary import Pitch


def _penn(settings: PitchSettings) -> PitchTracker:
    from tools.attributes.pitch.penn_tracker import PennTracker

    return PennTracker(settings)


def _swift(settings: PitchSettings) -> PitchTracker:
    from tools.attributes.pitch.swift_tracker import SwiftTracker

    return SwiftTracker(settings)


TRACKERS: Mapping[str, Callable[[PitchSettings], PitchTracker]] = MappingProxyType({"penn": _penn, "swift": _swift})
"""Name to maker; a tracker's own package is imported when it is first asked for."""


@lru_cache(maxsize=4)
def pitch_tracker(settings: PitchSettings) -> PitchTracker:
    """Return the tracker of these settings; a process loads each once.

    Raises:
        PitchError: There is no such tracker, its package is not installed, or its weights cannot be read.
    """
    if settings.backend not in TRACKERS:
        raise PitchError(f"no pitch tracker {settings.backend!r}; there are: {', '.join(sorted(TRACKERS))}")
    return TRACKERS[settings.backend](settings)


def measure_pitch(clips: Sequence[Waveform], settings: PitchSettings | None = None) -> list[Pitch]:
    """Measure the pitch of clips over their voiced frames (paper III-C, step 1).

    A clip's result does not depend on the clips beside it.

    Args:
        clips: Waveforms ``[S]`` at 16 kHz; a dozen or more at a time fill the batches of frames.
        settings: Tracker, hop, threshold and device; PENN at 20 ms when not given.

    Returns:
        One result a clip, in order.

    Raises:
        PitchError: The tracker cannot be used.
    """
    tracker = pitch_tracker(settings or PitchSettings())
    return [Pitch.of(frequencies) for frequencies in tracker.voiced(list(clips))]
