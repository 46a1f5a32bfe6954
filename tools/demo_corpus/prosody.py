"""How an emotion changes a voice: shifts of pitch, range, rate, loudness and pauses, with overlap between emotions.

The directions follow the acoustic correlates that reviews of vocal emotion agree on (Banse & Scherer 1996; Juslin &
Laukka 2003, table 7; Scherer 2003, table 1): anger, happiness, surprise and fear raise mean pitch, sadness and disgust
lower it; anger and happiness widen the pitch range, sadness and fear narrow it; anger, happiness and fear speed speech
up, sadness and disgust slow it down; anger is loud, sadness soft; sadness pauses. The sizes are chosen, not measured.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from tools.demo_corpus.espeak import Manner


@dataclass(frozen=True, slots=True)
class Shift:
    """Change against the same voice's neutral speech.

    Attributes:
        pitch: espeak-ng pitch units.
        pitch_range: espeak-ng range units.
        rate: Factor of the speaking rate.
        gain: Decibels.
        word_gap: Extra pause between words in 10 ms.
    """

    pitch: float
    pitch_range: float
    rate: float
    gain: float
    word_gap: float


SHIFTS: Mapping[str, Shift] = MappingProxyType(
    {
        "anger": Shift(pitch=8, pitch_range=26, rate=1.14, gain=7.0, word_gap=0.0),
        "happiness": Shift(pitch=20, pitch_range=30, rate=1.10, gain=3.0, word_gap=0.0),
        "neutral": Shift(pitch=0, pitch_range=0, rate=1.00, gain=0.0, word_gap=0.5),
        "sadness": Shift(pitch=-14, pitch_range=-26, rate=0.80, gain=-6.0, word_gap=3.0),
        "surprise": Shift(pitch=34, pitch_range=42, rate=0.96, gain=3.0, word_gap=0.5),
        "disgust": Shift(pitch=-16, pitch_range=12, rate=0.84, gain=0.0, word_gap=1.5),
        "fear": Shift(pitch=28, pitch_range=-28, rate=1.26, gain=-4.0, word_gap=0.2),
    }
)


@dataclass(frozen=True, slots=True)
class Voice:
    """One speaker: an espeak-ng voice, its neutral settings and the split it belongs to."""

    speaker: str
    espeak: str
    language: str
    gender: str
    split: str
    pitch: int
    rate: int
    gain: float


VOICES: tuple[Voice, ...] = (
    Voice("en_f1", "en-us+f2", "en", "female", "train", 48, 165, 0.0),
    Voice("en_m1", "en-us+m3", "en", "male", "train", 40, 160, 1.0),
    Voice("en_f2", "en+f1", "en", "female", "train", 44, 155, -1.5),
    Voice("en_m2", "en-gb-scotland+m1", "en", "male", "train", 46, 170, -0.5),
    Voice("en_m3", "en-gb-x-rp+m7", "en", "male", "train", 42, 158, 1.5),
    Voice("en_f3", "en-us+f5", "en", "female", "train", 42, 172, 0.5),
    Voice("zh_f1", "cmn+f2", "zh", "female", "train", 46, 165, 0.0),
    Voice("zh_m1", "cmn+m3", "zh", "male", "train", 42, 158, 1.0),
    Voice("zh_f2", "cmn+f1", "zh", "female", "train", 43, 170, -1.0),
    Voice("zh_m2", "cmn+m1", "zh", "male", "train", 45, 162, 0.5),
    Voice("en_m4", "en-us+m7", "en", "male", "dev", 44, 163, 0.5),
    Voice("zh_f3", "cmn+f3", "zh", "female", "dev", 45, 160, -0.5),
    Voice("en_f4", "en+f3", "en", "female", "test", 45, 162, 0.0),
    Voice("en_m5", "en-us+m2", "en", "male", "test", 43, 166, -0.5),
    Voice("zh_m3", "cmn+m4", "zh", "male", "test", 44, 164, 0.5),
)


@dataclass(frozen=True, slots=True)
class Difficulty:
    """How much an utterance strays from its emotion's shift; larger values make emotions overlap more.

    Attributes:
        strength: Lower and upper bound of the factor by which an utterance's shift is multiplied: weak to strong.
        pitch: Standard deviation of the base pitch, espeak-ng units.
        pitch_range: Standard deviation of the range, espeak-ng units.
        rate: Standard deviation of the log rate.
        gain: Standard deviation of the level, decibels.
        noise: Lower and upper bound of the signal-to-noise ratio, decibels.
        emotional_wording: Share of utterances whose wording fits their emotion.
    """

    strength: tuple[float, float] = (0.55, 1.25)
    pitch: float = 5.0
    pitch_range: float = 7.0
    rate: float = 0.06
    gain: float = 2.0
    noise: tuple[float, float] = (18.0, 40.0)
    emotional_wording: float = 0.4


def manner(voice: Voice, emotion: str, difficulty: Difficulty, generator: np.random.Generator) -> tuple[Manner, float]:
    """Draw how a voice speaks one utterance with an emotion; also returns the gain in decibels."""
    shift = SHIFTS[emotion]
    strength = generator.uniform(*difficulty.strength)
    pitch = voice.pitch + strength * shift.pitch + generator.normal(0, difficulty.pitch)
    pitch_range = 50 + strength * shift.pitch_range + generator.normal(0, difficulty.pitch_range)
    rate = voice.rate * shift.rate**strength * np.exp(generator.normal(0, difficulty.rate))
    gap = max(0.0, shift.word_gap * strength + generator.normal(0, 0.4))
    gain = voice.gain + strength * shift.gain + generator.normal(0, difficulty.gain)
    spoken = Manner(
        voice=voice.espeak,
        rate=int(np.clip(rate, 90, 300)),
        pitch=int(np.clip(pitch, 2, 97)),
        pitch_range=int(np.clip(pitch_range, 2, 97)),
        word_gap=round(gap),
    )
    return spoken, float(gain)
