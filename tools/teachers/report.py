"""What a teacher did: acceptance, retries, fallbacks, tokens, cost and speed."""

from collections import Counter
from dataclasses import dataclass, field

from tools.teachers.exchange import Answer


@dataclass(frozen=True, slots=True)
class Prices:
    """Price of a million tokens, in whatever currency; zero when nothing is paid."""

    prompt: float = 0.0
    completion: float = 0.0

    def cost(self, prompt_tokens: int, completion_tokens: int) -> float:
        """Return what these tokens cost."""
        return (prompt_tokens * self.prompt + completion_tokens * self.completion) / 1e6


FREE = Prices()


@dataclass(slots=True)
class KindReport:
    """One kind of text in numbers.

    Attributes:
        asked: Texts that were wanted.
        accepted_first: Accepted as first written.
        accepted_later: Accepted after a complaint.
        fallbacks: Not accepted after all attempts, or never answered.
        objections: What was wrong with answers, by reason; an answer may count under several.
    """

    asked: int = 0
    accepted_first: int = 0
    accepted_later: int = 0
    fallbacks: int = 0
    objections: Counter[str] = field(default_factory=Counter)

    @property
    def acceptance(self) -> float:
        """Share of the texts that the teacher wrote in the end."""
        return (self.accepted_first + self.accepted_later) / self.asked if self.asked else 0.0


@dataclass(slots=True)
class TeacherReport:
    """The whole of a run.

    Attributes:
        teacher: Identity of the teacher.
        utterances: Utterances that needed texts.
        kinds: Numbers of each kind of text.
        answers: Answers that were used, from this run and from the journal.
        from_journal: How many of them an earlier run had finished.
        resent: Requests that were sent again after a transport or server error.
        prompt_tokens: Tokens read for all answers, rejected ones and those of earlier runs too.
        completion_tokens: Tokens written, likewise.
        paid_prompt_tokens: Tokens read in this run.
        paid_completion_tokens: Tokens written in this run.
        seconds: Time of this run.
        prices: Price of the tokens.
    """

    teacher: str
    prices: Prices = FREE
    utterances: int = 0
    kinds: dict[str, KindReport] = field(default_factory=dict)
    answers: int = 0
    from_journal: int = 0
    resent: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    paid_prompt_tokens: int = 0
    paid_completion_tokens: int = 0
    seconds: float = 0.0

    def kind(self, name: str) -> KindReport:
        """Return the numbers of one kind of text."""
        return self.kinds.setdefault(name, KindReport())

    def count(self, answer: Answer, *, from_journal: bool) -> None:
        """Add one answer's tokens."""
        self.answers += 1
        self.prompt_tokens += answer.prompt_tokens
        self.completion_tokens += answer.completion_tokens
        if from_journal:
            self.from_journal += 1
            return
        self.resent += answer.resent
        self.paid_prompt_tokens += answer.prompt_tokens
        self.paid_completion_tokens += answer.completion_tokens

    @property
    def paid(self) -> float:
        """Cost of this run."""
        return self.prices.cost(self.paid_prompt_tokens, self.paid_completion_tokens)

    def summary(self) -> dict[str, object]:
        """Return what belongs into ``info.json``: the same for an undisturbed run and for one that was resumed."""
        return {
            "teacher": self.teacher,
            "utterances": self.utterances,
            "answers": self.answers,
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": self.completion_tokens,
            "texts": {name: _kind_summary(kind) for name, kind in sorted(self.kinds.items())},
        }

    def lines(self) -> list[str]:
        """Return the report for a person."""
        return [f"teacher {self.teacher}", *self._kind_lines(), *self._token_lines()]

    def _kind_lines(self) -> list[str]:
        made = []
        for name, kind in sorted(self.kinds.items()):
            reasons = ", ".join(f"{count} {reason}" for reason, count in kind.objections.most_common())
            made.append(
                f"  {name}: {kind.acceptance:.1%} of {kind.asked} accepted ({kind.accepted_first} at once, "
                f"{kind.accepted_later} after a complaint), {kind.fallbacks} fell back"
                + (f"; objections: {reasons}" if reasons else "")
            )
        return made

    def _token_lines(self) -> list[str]:
        if not self.answers:
            return []
        speed = self.utterances / self.seconds if self.seconds else 0.0
        cost = f", cost {self.paid:.4f}" if self.paid else ""
        whole = self.prices.cost(self.prompt_tokens, self.completion_tokens)
        earlier = f" (with earlier runs {whole:.4f})" if self.from_journal and whole else ""
        return [
            f"  this run: {self.paid_prompt_tokens} tokens read, {self.paid_completion_tokens} written{cost}{earlier}, "
            f"{self.resent} requests sent again, {self.from_journal} answers from the journal, {speed:.1f} utt/s"
        ]


def _kind_summary(kind: KindReport) -> dict[str, object]:
    return {
        "asked": kind.asked,
        "accepted_first": kind.accepted_first,
        "accepted_later": kind.accepted_later,
        "fallbacks": kind.fallbacks,
        "acceptance": round(kind.acceptance, 4),
        "objections": dict(sorted(kind.objections.items())),
    }
