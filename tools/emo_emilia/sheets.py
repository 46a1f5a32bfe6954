"""One review page per reviewer: the same candidates, each page in an order of its own, without the automatic label."""

import base64
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from tqdm import tqdm

from c2ser_lightning.data.audio import AudioError, encode_flac
from c2ser_lightning.data.ledger import Ledger, Skip
from c2ser_lightning.emotions import CHINESE_NAMES, EMOTIONS
from tools.corpora.recording import load_recording
from tools.emo_emilia.candidate import Candidate, EmiliaError, sheet_id, write_candidates

Audio = Literal["link", "embed"]
AUDIO_FOLDER = "audio"
LEDGER_FILE = "ledger.jsonl"
LARGE_PAGE = 200_000_000
"""Bytes beyond which browsers struggle with a page."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")


@dataclass(frozen=True, slots=True)
class Sheets:
    """What was written.

    Attributes:
        pages: One per reviewer.
        sheet: Name of the set of candidates.
        clips: Utterances on each page.
        ledger: Candidates whose sound cannot be read.
    """

    pages: list[Path]
    sheet: str
    clips: int
    ledger: Ledger

    def lines(self) -> list[str]:
        """Return the report for a person."""
        sizes = [f"{page} ({page.stat().st_size / 1e6:.1f} MB)" for page in self.pages]
        large = any(page.stat().st_size > LARGE_PAGE for page in self.pages)
        note = ["note: browsers struggle with pages of this size; --audio link keeps the sound beside them"] * large
        return [*sizes, *note, f"sheet {self.sheet}: {self.clips} utterances on each page; {self.ledger.summary()}"]


def write_sheets(
    candidates: Sequence[Candidate], reviewers: Sequence[str], folder: Path, audio: Audio, seed: int
) -> Sheets:
    """Write the pages, their sound, and the list of candidates that is on them, which points to that sound.

    Args:
        candidates: What is reviewed; utterances whose sound cannot be read go into the ledger.
        reviewers: Their names, for file names and orders.
        folder: Where to write.
        audio: Sound beside the pages, shared by all, or within each page, which is then one file to send.
        seed: Of the orders.

    Raises:
        EmiliaError: A reviewer's name cannot be used, or no candidate has sound.
    """
    _check_names(reviewers)
    ledger = Ledger()
    (folder / AUDIO_FOLDER).mkdir(parents=True, exist_ok=True)
    usable = [one for one in tqdm(candidates, desc="preparing sound", unit="utt") if _prepared(one, folder, ledger)]
    ledger.write(folder / LEDGER_FILE)
    if not usable:
        raise EmiliaError(f"no candidate has readable sound: {ledger.summary()}; see {folder / LEDGER_FILE}")
    write_candidates([_beside(one, folder) for one in usable], folder)
    sheet = sheet_id(usable)
    pages = [_write_page(usable, reviewer, sheet, folder, audio, seed) for reviewer in reviewers]
    return Sheets(pages, sheet, len(usable), ledger)


def page_order(candidates: Sequence[Candidate], reviewer: str, sheet: str, seed: int) -> list[Candidate]:
    """Return a reviewer's own order: the same for the same seed, and no hint of label, confidence or language."""
    ordered = sorted(candidates, key=lambda one: one.index)
    random.Random(f"{seed}/{sheet}/{reviewer}").shuffle(ordered)
    return ordered


def _check_names(reviewers: Sequence[str]) -> None:
    for name in reviewers:
        if not _NAME.fullmatch(name):
            raise EmiliaError(f"reviewer {name!r}: use letters, digits, _ and -, since the name becomes a file's")
        if [other.lower() for other in reviewers].count(name.lower()) > 1:
            raise EmiliaError(f"reviewer {name!r} is named twice; each needs a page of their own")


def _beside(candidate: Candidate, folder: Path) -> Candidate:
    """Point to the sound of the pages, so that their folder can be moved and merged anywhere."""
    return replace(candidate, file=str(folder / AUDIO_FOLDER / f"{candidate.index}.flac"), start=None, end=None)


def _prepared(candidate: Candidate, folder: Path, ledger: Ledger) -> bool:
    """Write a candidate's sound as 16 kHz FLAC under its index; the file name tells nothing of the label."""
    path = folder / AUDIO_FOLDER / f"{candidate.index}.flac"
    try:
        sound = encode_flac(load_recording(candidate.recording))
    except AudioError as error:
        ledger.add(Skip(candidate.index, error.reason, str(error), candidate.file))
        return False
    partial = path.with_suffix(".partial")
    partial.write_bytes(sound)
    partial.replace(path)
    return True


def _write_page(
    candidates: Sequence[Candidate], reviewer: str, sheet: str, folder: Path, audio: Audio, seed: int
) -> Path:
    """Write one page piece by piece: embedded sound is never in memory as a whole."""
    settings = FileSystemLoader(Path(__file__).parent)
    environment = Environment(loader=settings, autoescape=True, undefined=StrictUndefined, keep_trailing_newline=True)
    page = {"reviewer": reviewer, "sheet": sheet, "emotions": list(EMOTIONS), "clips": len(candidates)}
    ordered = page_order(candidates, reviewer, sheet, seed)
    names = [(emotion, CHINESE_NAMES[emotion]) for emotion in EMOTIONS]
    target = folder / f"review_{reviewer}.html"
    partial = target.with_suffix(".html.partial")
    with partial.open("w", encoding="utf-8") as file:
        template = environment.get_template("sheet.html")
        bar = tqdm(_clips(ordered, folder, audio), total=len(ordered), desc=f"page of {reviewer}", unit="utt")
        file.writelines(template.generate(page=page, emotions=names, clips=bar))
    partial.replace(target)
    return target


def _clips(candidates: Sequence[Candidate], folder: Path, audio: Audio) -> Iterator[dict[str, str]]:
    """Yield what the page knows of each utterance; the automatic label is not among it."""
    for one in candidates:
        source = f"{AUDIO_FOLDER}/{one.index}.flac"
        if audio == "embed":
            source = "data:audio/flac;base64," + base64.b64encode((folder / source).read_bytes()).decode()
        yield {"index": one.index, "language": one.language, "text": one.text, "audio": source}
