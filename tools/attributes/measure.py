"""All three attributes of one utterance."""

from c2ser_lightning.data.audio import SAMPLE_RATE, Waveform
from c2ser_lightning.data.record import Attributes
from tools.attributes.loudness import integrated_loudness
from tools.attributes.phonemes import count_phonemes
from tools.attributes.pitch import mean_pitch
from tools.attributes.trimming import trim_silence


def measure(waveform: Waveform, transcript: str, language: str, pitch_hop: float) -> Attributes:
    """Measure pitch, loudness and speaking rate (paper III-C, step 1).

    Args:
        waveform: ``[S]`` at 16 kHz.
        transcript: Its words.
        language: Their language, ISO 639-1.
        pitch_hop: Seconds between pitch frames.
    """
    speech = trim_silence(waveform)
    phonemes = count_phonemes(transcript, language)
    return Attributes(
        pitch_hz=mean_pitch(speech, pitch_hop),
        loudness_lufs=integrated_loudness(waveform),
        speaking_rate=None if phonemes is None else phonemes * SAMPLE_RATE / len(speech),
    )
