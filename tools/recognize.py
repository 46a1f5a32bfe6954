"""Recognise emotions in sound files with a trained model.

    python -m tools.recognize --run runs/demo/stage2 speech.wav more_speech/
    python -m tools.recognize --run runs/demo/stage1 speech.wav
    python -m tools.recognize --run exported/c2ser --explain --out found.jsonl more_speech/

Folders are searched for sound files. A file that cannot be used is named with the reason, and the others go on; the
exit status is then 1. Speech of more than 30 seconds has to be cut into utterances first.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

from tqdm import tqdm

from c2ser_lightning.cli import USER_ERRORS, quieten
from c2ser_lightning.emotions import EMOTIONS
from c2ser_lightning.inference import EmotionRecognizer, Recognition
from tools.command_line import Parser

SOUNDS = {".wav", ".flac", ".ogg", ".opus", ".mp3", ".aiff", ".aif", ".au"}
"""What libsndfile decodes, by the names that people give."""


def sound_files(given: list[Path]) -> list[Path]:
    """Return the files that are named, and those in named folders, sorted.

    Raises:
        FileNotFoundError: There are none.
    """
    found: list[Path] = []
    for path in given:
        inside = sorted(file for file in path.rglob("*") if file.suffix.lower() in SOUNDS) if path.is_dir() else [path]
        if not inside:
            raise FileNotFoundError(f"no sound files in {path}; known endings: {', '.join(sorted(SOUNDS))}")
        found += inside
    return found


def line(found: Recognition) -> str:
    """Return a recognition as a person reads it: emotion, its probability, the runner-up, and what was said of it."""
    if found.problem:
        return f"{found.source}: {found.problem}"
    emotion = found.emotion or "unparsed"
    if found.probabilities:
        first, second = sorted(found.probabilities.items(), key=lambda item: -item[1])[:2]
        emotion = f"{emotion} {first[1]:.2f} ({second[0]} {second[1]:.2f})"
    said = [text for text in (found.heard, found.answer, found.rationale) if text]
    return "\n    ".join([f"{found.source}: {emotion}", *said])


def main(arguments: list[str] | None = None) -> None:
    """Run the tool."""
    parser = Parser("tools.recognize", __doc__)
    parser.add_argument("files", nargs="+", type=Path, help="sound files, or folders of them")
    parser.add_argument("--run", type=Path, required=True, help="run_dir of a fit, or what tools.export wrote")
    parser.add_argument("--checkpoint", type=Path, help="weights (default: checkpoints/last.ckpt of the run)")
    parser.add_argument("--method", choices=("score", "generate"), help="default: score, or generate after stage 1")
    parser.add_argument("--emotions", nargs="+", metavar="EMOTION", default=list(EMOTIONS), help="only these")
    parser.add_argument("--explain", action="store_true", help="ask for a rationale as well")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:1 ... (default: auto)")
    parser.add_argument("--out", type=Path, help="JSON lines to write")
    options = parser.parse_args(arguments)
    quieten()
    try:
        files = sound_files(options.files)
        recognizer = EmotionRecognizer.from_run(
            options.run,
            checkpoint=options.checkpoint,
            method=options.method,
            emotions=options.emotions,
            device=options.device,
        )
        unusable = _show(recognizer.recognize(files, explain=options.explain), len(files), options.out)
    except (FileNotFoundError, ValueError, *USER_ERRORS) as error:
        sys.exit(f"error: {error}")
    if unusable:
        sys.exit(f"{unusable} of {len(files)} files could not be used; they are named above")


def _show(found: Iterator[Recognition], total: int, out: Path | None) -> int:
    """Print recognitions as they come and write them; returns how many files could not be used."""
    unusable = 0
    if out is not None:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text("", encoding="utf-8")
    for one in tqdm(found, total=total, unit="file", leave=False, disable=None):
        tqdm.write(line(one), file=sys.stderr if one.problem else sys.stdout)
        unusable += bool(one.problem)
        if out is not None:
            with out.open("a", encoding="utf-8") as file:
                file.write(json.dumps(one.as_dict(), ensure_ascii=False) + "\n")
    return unusable


if __name__ == "__main__":
    main()
