"""Pitch of many clips at once: PENN made fast, and other trackers behind the same call."""

from tools.attributes.pitch.backends import TRACKERS, measure_pitch, pitch_tracker
from tools.attributes.pitch.settings import PitchError, PitchSettings
from tools.attributes.pitch.summary import Pitch

__all__ = ["TRACKERS", "Pitch", "PitchError", "PitchSettings", "measure_pitch", "pitch_tracker"]
