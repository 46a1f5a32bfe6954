"""What every writing job shares: journal, interview, progress bar, clock, and a file of what fell back."""

import io
import json
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from tqdm import tqdm

from c2ser_lightning.data.record import UtteranceRecord
from c2ser_lightning.text.style_words import AnswerLanguage
from tools.teachers.exchange import Teacher
from tools.teachers.interview import Interview, Outcome, Question
from tools.teachers.journal import Journal
from tools.teachers.opening import opened
from tools.teachers.prompts import Kind, Prompts, answer_language
from tools.teachers.report import TeacherReport
from tools.teachers.settings import TeacherSettings
from tools.teachers.template import IDENTITY

JOURNAL_FILE = "answers.jsonl"
FALLBACKS_FILE = "fallbacks.jsonl"
REPORT_FILE = "report.json"
SHOW_EVERY = 0.5
"""Seconds between two figures beside the bar."""


@dataclass(slots=True)
class Desk:
    """A teacher at work.

    Attributes:
        settings: Who writes and how.
        report: Numbers so far.
        bar: Progress in utterances.
        fallbacks: Receives one line per text that the teacher did not write.
        interview: Conversations with the teacher; ``None`` when the template writes.
        kinds: Texts an utterance gets.
    """

    settings: TeacherSettings
    report: TeacherReport
    bar: "tqdm[None]"
    fallbacks: TextIO
    interview: Interview | None
    kinds: int
    started: float = field(default_factory=time.monotonic)
    _finished: int = 0
    _shown: float = 0.0

    def language(self, record: UtteranceRecord) -> AnswerLanguage:
        """Return the language of an utterance's texts."""
        return answer_language(record, self.settings.language)

    def prompts(self, language: AnswerLanguage) -> Prompts:
        """Return the prompts of a language."""
        return Prompts(language, self.settings.prompts)

    def outcomes(self, interview: Interview, questions: Sequence[Question]) -> list[Outcome]:
        """Ask the questions, and name each one without an accepted text in the file of fallbacks."""
        outcomes = interview.outcomes(questions)
        for question, outcome in zip(questions, outcomes, strict=True):
            if outcome.text is None:
                line = {
                    "utterance": question.request.utterance,
                    "text": question.kind,
                    "reasons": outcome.reasons,
                    "detail": outcome.detail,
                }
                self.fallbacks.write(json.dumps(line, ensure_ascii=False) + "\n")
        return outcomes

    def done(self, utterances: int, labelled: int) -> None:
        """Count a finished part, which sets right what the bar made of retries and of answers from the journal."""
        self.report.utterances += labelled
        self.report.seconds = time.monotonic() - self.started
        self._finished += utterances
        self.bar.update(self._finished - self.bar.n)

    def show(self, *, first: bool) -> None:
        """Move the bar for the first answer to a question, and show answers, tokens and cost beside it."""
        self.bar.update(first / self.kinds)
        if time.monotonic() - self._shown < SHOW_EVERY:
            return
        self._shown = time.monotonic()
        report = self.report
        shown: dict[str, float] = {
            "answers": report.answers,
            "tokens": report.paid_prompt_tokens + report.paid_completion_tokens,
        }
        if report.paid:
            shown["cost"] = round(report.paid, 4)
        elapsed = time.monotonic() - self.started
        written = f"{report.paid_completion_tokens / elapsed:.0f}" if elapsed else "0"
        self.bar.set_postfix({**shown, "tok/s": written})


@contextmanager
def desk(
    settings: TeacherSettings, folder: Path, total: int | None, title: str, kinds: Sequence[Kind]
) -> Iterator[Desk]:
    """Set everything up, and write the report in the end, whether the work was finished or not.

    Args:
        settings: Who writes and how.
        folder: Where journal, fallbacks and report are kept; the template needs none.
        total: Utterances to come, when known.
        title: Name of the progress bar.
        kinds: Texts that will be asked for; their prompts are read before anything is sent.

    Raises:
        TeacherError: The teacher or a prompt cannot be used.
    """
    with ExitStack() as stack:
        teacher: Teacher | None = stack.enter_context(opened(settings))
        for language in ("en", "zh") if teacher is not None else ():
            for kind in kinds:
                Prompts(language, settings.prompts).check(kind)
        bar = stack.enter_context(tqdm(total=total, desc=title, unit="utt"))
        report = TeacherReport(IDENTITY if teacher is None else teacher.identity, settings.prices)
        made = Desk(settings, report, bar, io.StringIO(), None, len(kinds))
        if teacher is None:
            yield made
            return
        journal = stack.enter_context(Journal(folder / JOURNAL_FILE))
        made.fallbacks = stack.enter_context((folder / FALLBACKS_FILE).open("w", encoding="utf-8"))
        made.interview = Interview(teacher, journal, report, settings.attempts, made.show)
        try:
            yield made
        finally:
            report.seconds = time.monotonic() - made.started
            text = json.dumps(report.summary(), ensure_ascii=False, indent=1) + "\n"
            (folder / REPORT_FILE).write_text(text, encoding="utf-8")
