"""The attributes of utterances (paper III-C, step 1)."""

from collections.abc import Sequence
from dataclasses import replace

from c2ser_lightning.data.audio import SAMPLE_RATE, Waveform
from c2ser_lightning.data.record import Attributes
from tools.attributes.phonemes import count_phonemes
from tools.attributes.pitch import Pitch, PitchSettings, measure_pitch
from tools.attributes.trimming import trim_silence


def speech_seconds(waveform: Waveform) -> float:
    """Return the length of a clip ``[S]`` at 16 kHz in seconds without its silent ends; pauses inside count."""
    return len(trim_silence(waveform)) / SAMPLE_RATE


def speaking_rate(transcript: str, language: str, seconds: float) -> float | None:
    """Return phonemes per second, or ``None`` where they cannot be counted.

    Args:
        transcript: The words that are spoken.
        language: Their language, ISO 639-1.
        seconds: How long the speech lasts.
    """
    phonemes = count_phonemes(transcript, language)
    return None if phonemes is None else phonemes / seconds


def with_pitch(
    measured: Sequence[Attributes], waveforms: Sequence[Waveform], settings: PitchSettings
) -> list[Attributes]:
    """Add the pitch of many clips at once.

    Args:
        measured: What is known of each clip.
        waveforms: The clips, ``[S]`` at 16 kHz.
        settings: Tracker and its settings.
    """
    pitches = measure_pitch(waveforms, settings)
    return [_added(attributes, pitch) for attributes, pitch in zip(measured, pitches, strict=True)]


def _added(attributes: Attributes, pitch: Pitch) -> Attributes:
    return replace(
        attributes,
        pitch_hz=pitch.mean_hz,
        pitch_range_hz=pitch.range_hz,
        pitch_semitones=pitch.mean_semitones,
        pitch_range_semitones=pitch.range_semitones,
    )
