"""The layout of MSP-Podcast and BIIC-Podcast: ``Labels``, ``Audios``, ``Transcripts``, and every worker's vote."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from c2ser_lightning.data.ledger import Skip
from tools.corpora.base import CorpusError, ManifestRow, RowError, row_or_skip, safe_key, split_named
from tools.corpora.files import find_file, read_text
from tools.corpora.tables import Fields, read_table

CONSENSUS = ("Labels/labels_consensus.csv", "labels_consensus.csv", "Labels/labels_concensus.csv", "*/labels_con*.csv")
DETAILED = ("Labels/labels_detailed.csv", "Labels/labels_detailed.json", "labels_detailed.csv", "labels_detailed.json")
COLUMNS = ("FileName", "EmoClass", "Split_Set")

Votes = Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Podcast:
    """One corpus of this layout."""

    corpus: str
    prefix: str
    language: str

    def read(self, data: Path, partitions: frozenset[str]) -> Iterator[ManifestRow | Skip]:
        """Read the labelled turns of some official partitions.

        Args:
            data: Folder that holds ``Labels``.
            partitions: Their names in ``Split_Set``, lower case; empty for all.

        Raises:
            CorpusError: Not this corpus.
        """
        table = find_file(data, CONSENSUS, self.corpus)
        folders = Folders.of(data)
        votes = _votes(data)
        for number, fields in read_table(table, COLUMNS):
            source = f"{table}, row {number}"
            key = safe_key(Path(fields["FileName"]).stem)
            if not key:
                yield Skip(f"row {number}", "no_file_named", "the column 'FileName' is empty", source)
                continue
            if partitions and fields["Split_Set"].lower() not in partitions:
                detail = f"partition {fields['Split_Set']!r} was not asked for"
                yield Skip(key, "other_partition", detail, source)
                continue
            yield row_or_skip(key, source, partial(self._row, fields, key, source, folders, votes))

    def _row(self, fields: Fields, key: str, source: str, folders: "Folders", votes: Votes) -> ManifestRow:
        name = Path(fields["FileName"])
        if not fields["EmoClass"]:
            raise RowError("label_not_published", f"partition {fields['Split_Set']} has no published label")
        speaker = fields.get("SpkrID") or "unknown"
        gender = fields.get("Gender", "").lower()
        return ManifestRow(
            key=key,
            audio=folders.audio / (name.name if name.suffix else f"{name.name}.wav"),
            label=fields["EmoClass"],
            corpus=self.corpus,
            speaker=f"{self.prefix}_{speaker}",
            gender=gender if gender in {"female", "male"} else "",
            language=self.language,
            transcript=folders.transcript(name.stem),
            split=split_named(fields["Split_Set"]),
            source=source,
            votes=dict(votes.get(name.stem, {})),
        )


@dataclass(frozen=True, slots=True)
class Folders:
    """Where sound and words lie."""

    audio: Path
    words: Path

    @classmethod
    def of(cls, data: Path) -> "Folders":
        """Find the folders by the names of the releases."""
        audio = next((data / name for name in ("Audios", "Audio", "audios", "wav") if (data / name).is_dir()), data)
        return cls(audio, next((data / n for n in ("Transcripts", "Transcript") if (data / n).is_dir()), data))

    def transcript(self, stem: str) -> str:
        """Return the words of a turn, or nothing."""
        path = self.words / f"{stem}.txt"
        return " ".join(read_text(path).split()) if path.is_file() else ""


def _votes(data: Path) -> Votes:
    """Return how many workers chose each primary emotion, by file name without suffix."""
    path = next((data / name for name in DETAILED if (data / name).is_file()), None)
    if path is None:
        return {}
    votes: dict[str, Counter[str]] = defaultdict(Counter)
    for name, emotion in _json_votes(path) if path.suffix == ".json" else _csv_votes(path):
        if emotion:
            # Workers write their own word after 'Other-'.
            votes[Path(name).stem]["Other" if emotion.lower().startswith("other") else emotion] += 1
    return votes


def _csv_votes(path: Path) -> Iterator[tuple[str, str]]:
    """Read one worker a row: the emotion in a column of its own, or second in ``WORKER...; Neutral; ...; A:3;``."""
    rows = read_table(path, ("FileName",))
    if rows and not {"EmoClass_Major", "EmoDetail"} & rows[0][1].keys():
        raise CorpusError(f"{path} has neither a column 'EmoClass_Major' nor 'EmoDetail'")
    for _, fields in rows:
        emotion = fields.get("EmoClass_Major")
        yield fields["FileName"], emotion if emotion is not None else _second(fields["EmoDetail"])


def _second(detail: str) -> str:
    parts = detail.split(";")
    return parts[1].strip() if len(parts) > 1 else ""


def _json_votes(path: Path) -> Iterator[tuple[str, str]]:
    """Read ``{file: {worker: {"EmoClass_Major": ...}}}``."""
    try:
        files = json.loads(read_text(path))
        for name, workers in files.items():
            yield from ((name, str(worker.get("EmoClass_Major", "")).strip()) for worker in workers.values())
    except (ValueError, AttributeError) as error:
        raise CorpusError(f"{path} is not the JSON of file, worker and emotion: {error}") from error
