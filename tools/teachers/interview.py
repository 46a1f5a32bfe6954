"""Ask, check, complain, ask again: until every text is accepted or its attempts are used up."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from tools.teachers.checker import Objection
from tools.teachers.exchange import Answer, Request, Teacher
from tools.teachers.journal import Journal
from tools.teachers.prompts import Kind
from tools.teachers.report import TeacherReport

Judge = Callable[[str], tuple[str, list[Objection]]]
"""From a raw answer to the cleaned text and what is wrong with it."""


class Tick(Protocol):
    """Called at each answer of this run."""

    def __call__(self, *, first: bool) -> None:
        """``first`` tells the answer to a question from one to a complaint."""
        ...


@dataclass(frozen=True, slots=True)
class Question:
    """A text that is wanted.

    Attributes:
        kind: Which.
        request: The first question.
        judge: Cleans and checks an answer.
        complaint: Words objections as a follow-up question.
    """

    kind: Kind
    request: Request
    judge: Judge
    complaint: Callable[[list[Objection]], str]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a question.

    Attributes:
        text: The accepted text; ``None`` when there is none.
        reasons: What was wrong with the last answer.
        detail: Why there was no last answer.
    """

    text: str | None
    reasons: tuple[str, ...] = ()
    detail: str = ""


class Interview:
    """Conversations with a teacher, over the journal of what it said before.

    Every answer, accepted or not, is in the journal under its whole conversation. A run that is started again walks the
    same conversations, so it pays only for what is missing, and a changed check applies to stored answers too.
    """

    def __init__(self, teacher: Teacher, journal: Journal, report: TeacherReport, attempts: int, tick: Tick) -> None:
        """Ask ``teacher`` up to ``attempts`` times a text; ``tick`` is called at each answer."""
        self.teacher = teacher
        self.journal = journal
        self.report = report
        self.attempts = attempts
        self.tick = tick

    def outcomes(self, questions: Sequence[Question]) -> list[Outcome]:
        """Return what became of each question, in order.

        Raises:
            TeacherError: The teacher cannot go on; finished answers are in the journal.
        """
        outcomes = [Outcome(None) for _ in questions]
        waiting = {number: question.request for number, question in enumerate(questions)}
        for question in questions:
            self.report.kind(question.kind).asked += 1
        for attempt in range(self.attempts):
            for number, answer in self._answers(waiting):
                outcomes[number], follow_up = self._judged(questions[number], waiting.pop(number), answer)
                if outcomes[number].text is not None:
                    self._accepted(questions[number].kind, attempt)
                elif follow_up is not None:
                    waiting[number] = follow_up
        for question, outcome in zip(questions, outcomes, strict=True):
            self.report.kind(question.kind).fallbacks += outcome.text is None
        return outcomes

    def _answers(self, waiting: dict[int, Request]) -> list[tuple[int, Answer]]:
        """Return an answer to each waiting request, in the order of the questions."""
        answers: dict[int, Answer] = {}
        missing: dict[str, list[int]] = {}
        for number, request in waiting.items():
            digest = request.digest(self.teacher.identity)
            known = self.journal.get(digest)
            if known is None:
                missing.setdefault(digest, []).append(number)
            else:
                answers[number] = known
                self.report.count(known, from_journal=True)
        for digest, answer in self._asked([waiting[numbers[0]] for numbers in missing.values()]):
            answers.update(dict.fromkeys(missing[digest], answer))
        return sorted(answers.items())

    def _asked(self, requests: list[Request]) -> Iterator[tuple[str, Answer]]:
        if not requests:
            return
        for request, answer in self.teacher.answer(requests):
            digest = request.digest(self.teacher.identity)
            if answer.finish != "failed":
                self.journal.add(digest, answer)
            self.report.count(answer, from_journal=False)
            self.tick(first=len(request.messages) == 1)
            yield digest, answer

    def _judged(self, question: Question, request: Request, answer: Answer) -> tuple[Outcome, Request | None]:
        """Return the outcome so far, and the request that complains of the answer."""
        if answer.finish == "failed":
            self.report.kind(question.kind).objections["no_answer"] += 1
            return Outcome(None, ("no_answer",), answer.detail), None
        text, objections = question.judge(answer.text)
        if answer.finish == "length":
            objections = [Objection("truncated")]
        if not objections:
            return Outcome(text), None
        reasons = tuple(objection.reason for objection in objections)
        self.report.kind(question.kind).objections.update(reasons)
        return Outcome(None, reasons), request.followed_by(answer.text, question.complaint(objections))

    def _accepted(self, kind: Kind, attempt: int) -> None:
        report = self.report.kind(kind)
        if attempt == 0:
            report.accepted_first += 1
        else:
            report.accepted_later += 1
