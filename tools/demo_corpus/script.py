"""Who says what, with which emotion: every voice speaks every emotion, and each equally often."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from c2ser_lightning.emotions import EMOTIONS
from tools.demo_corpus.sentences import choices
from tools.demo_corpus.voices import FEWEST_VOICES, VOICES, Voice


@dataclass(frozen=True, slots=True)
class Line:
    """One utterance to be spoken; ``number`` counts within its voice and emotion."""

    number: int
    voice: Voice
    emotion: str
    text: str

    @property
    def key(self) -> str:
        """Name of the file."""
        return f"{self.voice.speaker}_{self.emotion}_{self.number:03d}"

    def generator(self, seed: int) -> np.random.Generator:
        """Return this line's own random numbers, whatever else is in the script."""
        return np.random.default_rng((seed, 2, VOICES.index(self.voice), EMOTIONS.index(self.emotion), self.number))


SKEWED: Mapping[str, float] = MappingProxyType(
    {
        "anger": 0.130,
        "happiness": 0.170,
        "neutral": 0.500,
        "sadness": 0.110,
        "surprise": 0.055,
        "disgust": 0.017,
        "fear": 0.018,
    }
)
"""Shares of a training split as skewed as the paper's (IV-A: neutral nearly half, fear and disgust below 2 %)."""


def write_script(utterances: int, emotional_wording: float, seed: int, *, skewed: bool = False) -> list[Line]:
    """Write about ``utterances`` lines: fewer voices for a small corpus, more lines a voice for a large one.

    Args:
        utterances: The wanted number.
        emotional_wording: Share of lines whose wording fits their emotion.
        seed: Of the choice of sentences.
        skewed: Give the training split the shares of :data:`SKEWED`; dev and test stay balanced.

    Returns:
        Lines; within a split, every voice speaks every emotion equally often, unless the split is skewed.
    """
    voices = VOICES[: max(FEWEST_VOICES, utterances // len(EMOTIONS))]
    counts = range(1, max(2, utterances // len(EMOTIONS)))
    most = min(
        counts, key=lambda count: abs(sum(_times(voice, count) for voice in voices) * len(EMOTIONS) - utterances)
    )
    times = {(voice, emotion): _times(voice, most) for voice in voices for emotion in EMOTIONS}
    if skewed:
        times |= _skewed_times([voice for voice in voices if voice.split == "train"], _times(VOICES[0], most))
    return [
        line
        for (voice, emotion), count in times.items()
        for line in _part(voice, emotion, count, emotional_wording, seed)
    ]


def _times(voice: Voice, most: int) -> int:
    """Return how often a voice speaks each emotion: training voices, who are many, half as often as the others."""
    return max(1, most // 2) if voice.split == "train" else most


def _skewed_times(voices: list[Voice], balanced: int) -> dict[tuple[Voice, str], int]:
    """Share a skewed split's lines out among its voices; rare emotions are spoken by some of them only."""
    times = {}
    for place, emotion in enumerate(EMOTIONS):
        each, left = divmod(max(1, round(SKEWED[emotion] * balanced * len(EMOTIONS) * len(voices))), len(voices))
        for number, voice in enumerate(voices):
            turn = (number + place * len(voices) // len(EMOTIONS)) % len(voices)
            times[voice, emotion] = each + (turn < left)
    return times


def _part(voice: Voice, emotion: str, times: int, emotional_wording: float, seed: int) -> list[Line]:
    """Draw what one voice says with one emotion."""
    generator = np.random.default_rng((seed, 1, VOICES.index(voice), EMOTIONS.index(emotion)))
    neutral, fitting = choices(voice.language, emotion)
    lines = []
    for number in range(times):
        sentences = fitting if generator.random() < emotional_wording else neutral
        lines.append(Line(number, voice, emotion, sentences[generator.integers(len(sentences))]))
    return lines
