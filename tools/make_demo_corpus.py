"""Speak the demo corpus with espeak-ng: synthetic emotional speech in English and Mandarin, split by voice.

The speech is SYNTHETIC. It exists so that the whole system can be run and watched without any corpus at hand; a figure
measured on it shows that the system works and says nothing about human emotion.
"""

import argparse
import csv
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soxr
from tqdm import tqdm

from c2ser_lightning.data.audio import SAMPLE_RATE, Waveform, encode_flac
from c2ser_lightning.emotions import EMOTIONS
from tools.demo_corpus import espeak
from tools.demo_corpus.espeak import EspeakError, speak
from tools.demo_corpus.prosody import VOICES, Difficulty, Voice, manner
from tools.demo_corpus.sentences import choices

COLUMNS = ("file", "corpus", "speaker", "gender", "emotion", "emotion_orig", "language", "text", "split", "duration_s")
README = (
    "SYNTHETIC speech, spoken by espeak-ng (python -m tools.make_demo_corpus, seed {seed}).\n"
    "{count} utterances, {voices} voices, 7 emotions, English and Mandarin. No human was recorded. Emotions are shifts of\n"
    "pitch, range, rate, loudness and pauses (tools/demo_corpus/prosody.py). Use it to try the system, not to judge it.\n"
)


@dataclass(frozen=True, slots=True)
class Line:
    """One utterance to be spoken."""

    number: int
    voice: Voice
    emotion: str
    text: str

    @property
    def key(self) -> str:
        """Name of the file."""
        return f"{self.voice.speaker}_{self.emotion}_{self.number:03d}"


def script(utterances: int, difficulty: Difficulty, seed: int) -> list[Line]:
    """Write the script: every voice speaks every emotion equally often, with sentences drawn from the seed."""
    rounds = max(1, round(utterances / (len(VOICES) * len(EMOTIONS))))
    lines = []
    for voice_number, voice in enumerate(VOICES):
        for emotion_number, emotion in enumerate(EMOTIONS):
            generator = np.random.default_rng((seed, 1, voice_number, emotion_number))
            neutral, fitting = choices(voice.language, emotion)
            for number in range(rounds):
                sentences = fitting if generator.random() < difficulty.emotional_wording else neutral
                lines.append(Line(number, voice, emotion, sentences[generator.integers(len(sentences))]))
    return lines


def render(line: Line, difficulty: Difficulty, seed: int) -> Waveform:
    """Speak one line: ``[S]`` at 16 kHz, with level and background noise."""
    place = (seed, 2, VOICES.index(line.voice), EMOTIONS.index(line.emotion), line.number)
    generator = np.random.default_rng(place)
    spoken, gain = manner(line.voice, line.emotion, difficulty, generator)
    raw, rate = speak(line.text, spoken)
    waveform = soxr.resample(raw, rate, SAMPLE_RATE, quality="VHQ")
    level = float(np.sqrt(np.mean(np.square(waveform)))) + 1e-9
    waveform = waveform * (10 ** ((gain - 26.0) / 20) / level)
    noise = generator.normal(0, 1, len(waveform)) * 10 ** ((gain - 26.0 - generator.uniform(*difficulty.noise)) / 20)
    return np.clip(waveform + noise, -1, 1).astype(np.float32)


def rows(lines: list[Line], folder: Path, difficulty: Difficulty, seed: int) -> Iterator[dict[str, object]]:
    """Speak every line, write its audio, and yield its row of the manifest."""
    (folder / "audio").mkdir(parents=True, exist_ok=True)
    espeak.seed(seed)
    for line in tqdm(lines, desc="speaking the demo corpus", unit="utt"):
        waveform = render(line, difficulty, seed)
        (folder / "audio" / f"{line.key}.flac").write_bytes(encode_flac(waveform))
        voice = line.voice
        facts = (voice.speaker, voice.gender, line.emotion, line.emotion, voice.language, line.text, voice.split)
        duration = round(len(waveform) / SAMPLE_RATE, 3)
        yield dict(zip(COLUMNS, (f"audio/{line.key}.flac", "demo", *facts, duration), strict=True))


def main(arguments: list[str] | None = None) -> None:
    """Run the tool."""
    parser = argparse.ArgumentParser(prog="python -m tools.make_demo_corpus", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("build/demo_corpus"), help="folder to write")
    parser.add_argument("--utterances", type=int, default=945, help="about how many (default 945)")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    difficulty = Difficulty()
    lines = script(options.utterances, difficulty, options.seed)
    try:
        made = list(rows(lines, options.out, difficulty, options.seed))
    except EspeakError as error:
        sys.exit(f"error: {error}")
    with (options.out / "manifest.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(made)
    note = README.format(seed=options.seed, count=len(made), voices=len(VOICES))
    (options.out / "README.txt").write_text(note, encoding="utf-8")
    print(f"{len(made)} synthetic utterances of {len(VOICES)} voices -> {options.out}")


if __name__ == "__main__":
    main()
