"""Corpora whose file names say everything: one table a corpus instead of one program."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from c2ser_lightning.data.ledger import Skip
from tools.corpora.base import CorpusError, ManifestRow, RowError, row_or_skip, safe_key
from tools.corpora.files import require_folder, sound_files


@dataclass(frozen=True, slots=True)
class Utterance:
    """What a file's name says; fields as in :class:`~tools.corpora.base.ManifestRow`."""

    label: str
    speaker: str
    language: str
    gender: str = ""
    transcript: str = ""
    split: str = ""
    votes: dict[str, int] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class NamedFiles:
    """How a corpus names its files.

    Attributes:
        corpus: Its name.
        pattern: Matches the last ``depth`` parts of a file's path, without suffix, as a whole.
        example: Such a path, for messages.
        utterance: Turns a match into an utterance; may raise :class:`~tools.corpora.base.RowError`.
        depth: How many parts of the path say something.
    """

    corpus: str
    pattern: re.Pattern[str]
    example: str
    utterance: Callable[[re.Match[str]], Utterance]
    depth: int = 1

    def match(self, path: Path) -> re.Match[str] | None:
        """Match a file's path."""
        return self.pattern.fullmatch("/".join((*path.parts[-self.depth : -1], path.stem)))

    def interpret(self, path: Path) -> Utterance:
        """Say what a path means.

        Raises:
            RowError: It is not named like a file of this corpus, or holds no speech of it.
        """
        match = self.match(path)
        if match is None:
            raise RowError("unknown_file_name", f"not named as {self.corpus} names files: {self.example}")
        return self.utterance(match)

    def read(
        self, data: Path, interpret: Callable[[re.Match[str]], Utterance] | None = None
    ) -> Iterator[ManifestRow | Skip]:
        """Read all sound files below a folder.

        Args:
            data: Folder of the corpus.
            interpret: Used instead of ``utterance``, for corpora with tables beside the files.

        Raises:
            CorpusError: No such folder, or no file in it is named like one of this corpus.
        """
        require_folder(data, self.corpus, f"files such as {self.example}")
        files = [(path, self.match(path)) for path in sound_files(data)]
        if not any(match for _, match in files):
            raise CorpusError(f"{data} holds {len(files)} sound files, none named as in {self.corpus}: {self.example}")
        for path, match in files:
            yield self._row(path, match, interpret or self.utterance)

    def _row(
        self, path: Path, match: re.Match[str] | None, interpret: Callable[[re.Match[str]], Utterance]
    ) -> ManifestRow | Skip:
        if match is None:
            wanted = f"not named as {self.corpus} names files: {self.example}"
            return Skip(path.stem, "unknown_file_name", wanted, str(path))
        key = safe_key(match.group(0))
        return row_or_skip(key, str(path), lambda: self.row(path, key, interpret(match)))

    def row(self, path: Path, key: str, utterance: Utterance) -> ManifestRow:
        """Return the manifest row of a file and what its name says."""
        return ManifestRow(
            key=key,
            audio=path,
            label=utterance.label,
            corpus=self.corpus,
            speaker=utterance.speaker,
            gender=utterance.gender,
            language=utterance.language,
            transcript=utterance.transcript,
            split=utterance.split,
            source=str(path),
            votes=utterance.votes,
        )
