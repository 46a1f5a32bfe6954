"""What is asked of a chat model and what comes back."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

Role = Literal["user", "assistant"]
Finish = Literal["stop", "length", "failed"]


class TeacherError(RuntimeError):
    """A teacher cannot go on; the message says why and what to do. Finished answers are in the journal."""


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class Request:
    """A conversation that waits for its next answer.

    Attributes:
        utterance: Corpus and key of the utterance.
        messages: The turns so far; the last is the user's.
    """

    utterance: str
    messages: tuple[Message, ...]

    def digest(self, teacher: str) -> str:
        """Return 32 hexadecimal digits that name this utterance, these words and this teacher."""
        turns = [[message.role, message.content] for message in self.messages]
        content = json.dumps([self.utterance, teacher, turns], ensure_ascii=False)
        return hashlib.sha256(content.encode(errors="surrogatepass")).hexdigest()[:32]

    def seed(self, base: int) -> int:
        """Return a seed of 31 bits that depends on the request and ``base`` alone."""
        return int(self.digest(str(base))[:8], 16) & 0x7FFFFFFF

    def followed_by(self, answer: str, complaint: str) -> "Request":
        """Return the conversation with an answer and what is wrong with it."""
        return Request(self.utterance, (*self.messages, Message("assistant", answer), Message("user", complaint)))


@dataclass(frozen=True, slots=True)
class Answer:
    """What a teacher said.

    Attributes:
        text: The raw text.
        finish: ``stop`` for a whole answer, ``length`` for one that was cut off, ``failed`` for none.
        prompt_tokens: Tokens read.
        completion_tokens: Tokens written.
        resent: How often the request was sent again because of a transport or server error.
        detail: Why it failed.
    """

    text: str
    finish: Finish = "stop"
    prompt_tokens: int = 0
    completion_tokens: int = 0
    resent: int = field(default=0, compare=False)
    detail: str = ""


class Teacher(Protocol):
    """A chat model."""

    @property
    def identity(self) -> str:
        """Model and everything that changes its answers; a journal's answers are used for the same identity only."""
        ...

    def answer(self, requests: Sequence[Request]) -> Iterator[tuple[Request, Answer]]:
        """Yield every request with its answer, as they are finished, in any order.

        Raises:
            TeacherError: No further answer can be had.
        """
        ...

    def close(self) -> None:
        """Let go of connections and memory."""
        ...
