"""Prompts are files, one per kind of text and language; a line whose ``$placeholder`` has no value is left out."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Literal

from c2ser_lightning.data.record import UtteranceRecord
from c2ser_lightning.text.style_words import ATTRIBUTES, AnswerLanguage
from tools.cot_templates import CHINESE, ENGLISH, Wording
from tools.teachers.checker import Objection
from tools.teachers.exchange import Message, Request, TeacherError

Kind = Literal["explicit", "implicit", "rationale", "label"]
SHIPPED = Path(__file__).parent / "prompts"
FACTS = frozenset(("rate", "pitch", "loudness", "transcript", "emotion"))
WORDINGS: Mapping[AnswerLanguage, Wording] = {"en": ENGLISH, "zh": CHINESE}
_PLACEHOLDER = re.compile(r"\$(\w+)")


def answer_language(record: UtteranceRecord, preference: Literal["transcript", "english"]) -> AnswerLanguage:
    """Return the language of an utterance's texts.

    Mandarin speech is described in Mandarin, or in English on request. Speech in every other language is described in
    English, since answers can be checked in these two alone; the quoted words keep their language.
    """
    return "zh" if preference == "transcript" and record.language == "zh" else "en"


@dataclass(frozen=True, slots=True)
class Prompts:
    """The prompts of one language: files ``<name>.<language>.txt``.

    Attributes:
        language: Language of the prompts and of the answers they ask for.
        folder: A folder of one's own; a file that is not there is taken from the shipped ones.
    """

    language: AnswerLanguage
    folder: Path | None = None

    def check(self, kind: Kind) -> None:
        """Read a prompt once, so that a mistake in it stops a run before it begins.

        Raises:
            TeacherError: The file cannot be read, or holds a placeholder that does not exist.
        """
        unknown = set(_PLACEHOLDER.findall(self._read(kind))) - FACTS
        if unknown:
            known = ", ".join(f"${name}" for name in sorted(FACTS))
            raise TeacherError(f"{self._path(kind)}: no placeholder ${sorted(unknown)[0]}; there are {known}")

    def request(self, kind: Kind, record: UtteranceRecord) -> Request:
        """Return the first question about an utterance."""
        facts = self._facts(record)
        lines = [line for line in self._read(kind).splitlines() if self._has_values(line, facts)]
        question = Template("\n".join(lines)).safe_substitute(facts)
        return Request(f"{record.corpus}/{record.key}", (Message("user", question),))

    def complaint(self, objections: list[Objection]) -> str:
        """Return the question that follows an answer which cannot be used."""
        known = dict(
            line.split(": ", 1) for line in self._read("complaints").splitlines() if line and not line.startswith("#")
        )
        told = [
            Template(known[objection.reason]).safe_substitute(expected=self._wanted(objection.expected))
            for objection in objections
        ]
        return Template(self._read("retry")).safe_substitute(complaints="\n".join(f"- {line}" for line in told))

    def _facts(self, record: UtteranceRecord) -> dict[str, str]:
        """Return what is known, in words; what is not known is not among it."""
        wording = WORDINGS[self.language]
        facts: dict[str, str | None] = {
            name: getattr(wording, name).get(getattr(record.levels, name)) for name in ATTRIBUTES
        }
        facts["transcript"] = record.transcript.strip()
        facts["emotion"] = wording.emotions.get(record.emotion or "")
        return {name: value for name, value in facts.items() if value}

    def _wanted(self, expected: str) -> str:
        """Put ``pitch:low`` and emotions into words."""
        wording = WORDINGS[self.language]
        attribute, _, level = expected.partition(":")
        if attribute in ATTRIBUTES and level:
            words: str = getattr(wording, attribute)[level]
            return words
        return wording.emotions.get(expected, expected)

    @staticmethod
    def _has_values(line: str, facts: Mapping[str, str]) -> bool:
        return set(_PLACEHOLDER.findall(line)) <= facts.keys()

    def _path(self, name: str) -> Path:
        file = f"{name}.{self.language}.txt"
        if self.folder is not None and (self.folder / file).is_file():
            return self.folder / file
        return SHIPPED / file

    def _read(self, name: str) -> str:
        try:
            return self._path(name).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise TeacherError(f"no readable prompt {self._path(name)}: {error}") from error
