"""Speak the demo corpus with espeak-ng: synthetic emotional speech in English and Mandarin, split by voice.

The speech is SYNTHETIC. It exists so that the whole system can be run and watched without any corpus at hand; a figure
measured on it shows that the system works and says nothing about human emotion.
"""

import csv
import sys
from collections.abc import Iterator
from pathlib import Path

from tqdm import tqdm

from c2ser_lightning.data.audio import SAMPLE_RATE, encode_flac
from tools.command_line import Parser, non_negative_float, positive_int
from tools.demo_corpus import espeak
from tools.demo_corpus.espeak import EspeakError
from tools.demo_corpus.prosody import Difficulty
from tools.demo_corpus.recording import record
from tools.demo_corpus.script import Line, write_script

COLUMNS = ("file", "corpus", "speaker", "gender", "emotion", "emotion_orig", "language", "text", "split", "duration_s")
README = (
    "SYNTHETIC speech, spoken by espeak-ng (python -m tools.make_demo_corpus, seed {seed}, overlap {overlap:g}).\n"
    "{count} utterances, {voices} voices, 7 emotions, English and Mandarin. No human was recorded.\n"
    "Emotions are shifts of pitch, range, rate, loudness, high frequencies and pauses (tools/demo_corpus/prosody.py),\n"
    "sized so that a simple classifier recognises most of them on the test voices, not all. Use it to try the system,\n"
    "not to judge it.\n"
)


def rows(lines: list[Line], folder: Path, difficulty: Difficulty, seed: int) -> Iterator[dict[str, object]]:
    """Speak every line, write its audio, and yield its row of the manifest."""
    (folder / "audio").mkdir(parents=True, exist_ok=True)
    espeak.seed(seed)
    for line in tqdm(lines, desc="speaking the demo corpus", unit="utt"):
        waveform = record(line, difficulty, seed)
        (folder / "audio" / f"{line.key}.flac").write_bytes(encode_flac(waveform))
        voice = line.voice
        facts = (voice.speaker, voice.gender, line.emotion, line.emotion, voice.language, line.text, voice.split)
        duration = round(len(waveform) / SAMPLE_RATE, 3)
        yield dict(zip(COLUMNS, (f"audio/{line.key}.flac", "demo", *facts, duration), strict=True))


def make(folder: Path, utterances: int, seed: int, difficulty: Difficulty, *, skewed: bool = False) -> str:
    """Write the corpus and its manifest into a folder; return a sentence on what was made.

    Raises:
        EspeakError: The espeak-ng library is unusable.
    """
    lines = write_script(utterances, difficulty.emotional_wording, seed, skewed=skewed)
    made = list(rows(lines, folder, difficulty, seed))
    with (folder / "manifest.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(made)
    voices = len({line.voice for line in lines})
    note = README.format(seed=seed, overlap=difficulty.overlap, count=len(made), voices=voices)
    (folder / "README.txt").write_text(note, encoding="utf-8")
    return f"{len(made)} synthetic utterances of {voices} voices -> {folder}"


def main(arguments: list[str] | None = None) -> None:
    """Run the tool."""
    parser = Parser("tools.make_demo_corpus", __doc__)
    parser.add_argument("--out", type=Path, default=Path("build/demo_corpus"), help="folder to write")
    parser.add_argument(
        "--utterances", type=positive_int, default=868, help="about how many, at least 28 (default 868)"
    )
    parser.add_argument("--seed", type=int, default=0, help="same seed, same bytes (default 0)")
    parser.add_argument(
        "--overlap",
        type=non_negative_float,
        default=Difficulty().overlap,
        help="how much emotions overlap: 0 easy, 2 hard (default 0.4)",
    )
    parser.add_argument(
        "--skewed", action="store_true", help="train on as few fearful and disgusted utterances as the paper does"
    )
    options = parser.parse_args(arguments)
    difficulty = Difficulty(overlap=options.overlap)
    try:
        print(make(options.out, options.utterances, options.seed, difficulty, skewed=options.skewed))
    except EspeakError as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
