"""Who says what, with which emotion: every voice speaks every emotion, and each equally often."""

from dataclasses import dataclass

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


def write_script(utterances: int, emotional_wording: float, seed: int) -> list[Line]:
    """Write about ``utterances`` lines: fewer voices for a small corpus, more lines a voice for a large one.

    Args:
        utterances: The wanted number.
        emotional_wording: Share of lines whose wording fits their emotion.
        seed: Of the choice of sentences.

    Returns:
        Lines; within a split, every voice speaks every emotion equally often.
    """
    voices = VOICES[: max(FEWEST_VOICES, utterances // len(EMOTIONS))]
    counts = range(1, max(2, utterances // len(EMOTIONS)))
    most = min(
        counts, key=lambda count: abs(sum(_times(voice, count) for voice in voices) * len(EMOTIONS) - utterances)
    )
    return [
        line
        for voice in voices
        for emotion in EMOTIONS
        for line in _part(voice, emotion, _times(voice, most), emotional_wording, seed)
    ]


def _times(voice: Voice, most: int) -> int:
    """Return how often a voice speaks each emotion: training voices, who are many, half as often as the others."""
    return max(1, most // 2) if voice.split == "train" else most


def _part(voice: Voice, emotion: str, times: int, emotional_wording: float, seed: int) -> list[Line]:
    """Draw what one voice says with one emotion."""
    generator = np.random.default_rng((seed, 1, VOICES.index(voice), EMOTIONS.index(emotion)))
    neutral, fitting = choices(voice.language, emotion)
    lines = []
    for number in range(times):
        sentences = fitting if generator.random() < emotional_wording else neutral
        lines.append(Line(number, voice, emotion, sentences[generator.integers(len(sentences))]))
    return lines
