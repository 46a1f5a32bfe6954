"""CREMA-D (Cao et al. 2014), English: ``AudioWAV/1001_DFA_ANG_XX.wav``, 91 actors, 12 sentences, with listeners' votes.

``VideoDemographics.csv`` names the actors' sex and ``processedResults/tabulatedVotes.csv`` the votes; both are used
where they are there. In the votes, numbers of 100,000 and more were given to the voice alone, of 200,000 to the face
alone, of 300,000 to both; only the first are votes on what is heard.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Literal

from c2ser_lightning.data.ledger import Skip
from tools.corpora.base import ManifestRow, RowError
from tools.corpora.named_files import NamedFiles, Utterance
from tools.corpora.tables import read_table

SENTENCES = {
    "IEO": "It's eleven o'clock.",
    "TIE": "That is exactly what happened.",
    "IOM": "I'm on my way to the meeting.",
    "IWW": "I wonder what this is about.",
    "TAI": "The airplane is almost full.",
    "MTI": "Maybe tomorrow it will be cold.",
    "IWL": "I would like a new alarm clock.",
    "ITH": "I think I have a doctor's appointment.",
    "DFA": "Don't forget a jacket.",
    "ITS": "I think I've seen this before.",
    "TSI": "The surface is slick.",
    "WSI": "We'll stop in a couple of minutes.",
}
DEMOGRAPHICS, VOTES = "VideoDemographics.csv", "processedResults/tabulatedVotes.csv"
VOTE_COLUMNS = ("A", "D", "F", "H", "N", "S")
VOICE_ALONE = range(100_000, 200_000)


def _utterance(match: re.Match[str]) -> Utterance:
    sentence = SENTENCES.get(match["sentence"], "")
    return Utterance(match["label"], f"cremad_{match['actor']}", "en", transcript=sentence)


CREMA_D = NamedFiles(
    corpus="CREMA-D",
    pattern=re.compile(
        r"(?P<actor>1\d{3})_(?P<sentence>[A-Z]{3})_(?P<label>ANG|DIS|FEA|HAP|NEU|SAD)_(?P<level>LO|MD|HI|XX|X)"
    ),
    example="AudioWAV/1001_DFA_ANG_XX.wav",
    utterance=_utterance,
)


def read_crema_d(data: Path, *, label: Literal["intended", "voted"] = "intended") -> Iterator[ManifestRow | Skip]:
    """Read CREMA-D; it has no official split, so that speakers are split as documented in ``tools.splitting``.

    Args:
        data: Folder that holds ``AudioWAV``.
        label: What the actor meant, or what most listeners of the voice alone heard (a tie is left out).

    Raises:
        CorpusError: Not this corpus, or a table in it lacks its columns.
    """
    sexes, votes = _sexes(data / DEMOGRAPHICS), _votes(data / VOTES)

    def with_tables(match: re.Match[str]) -> Utterance:
        heard = votes.get(match.group(0), {})
        utterance = replace(_utterance(match), gender=sexes.get(match["actor"], ""), votes=heard)
        return replace(utterance, label=_majority(heard)) if label == "voted" else utterance

    yield from CREMA_D.read(data, with_tables)


def _majority(votes: dict[str, int]) -> str:
    best = [label for label, number in votes.items() if number == max(votes.values())]
    if len(best) != 1:
        what = f"is a tie of {', '.join(best)}" if best else f"has no vote in {VOTES}"
        raise RowError("no_majority", f"the utterance {what}")
    return best[0]


def _sexes(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    return {fields["ActorID"]: fields["Sex"].lower() for _, fields in read_table(path, ("ActorID", "Sex"))}


def _votes(path: Path) -> dict[str, dict[str, int]]:
    """Return the votes on the voice by file name."""
    if not path.is_file():
        return {}
    votes: dict[str, dict[str, int]] = {}
    for _, fields in read_table(path, ("", "fileName", *VOTE_COLUMNS)):
        counts = {label: int(fields[label]) for label in VOTE_COLUMNS if fields[label].isdecimal()}
        if fields[""].isdecimal() and int(fields[""]) in VOICE_ALONE:
            votes[fields["fileName"]] = {label: number for label, number in counts.items() if number}
    return votes
