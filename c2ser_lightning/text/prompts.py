"""What the user of the model asks, and how question, speech and answer are laid out as text."""

from dataclasses import dataclass, field
from typing import Literal

from c2ser_lightning.emotions import CHINESE_NAMES

Mode = Literal["explicit", "implicit"]

EXPLICIT_PROMPT = "Please describe the speaking style and content, and infer emotion of this speech."
"""Stage 1 prompt in the paper's figure 2."""

IMPLICIT_PROMPT = "Please consider the speaking style and content, and directly describe emotion of this speech."
"""Stage 2 prompt in the paper's figure 2."""


SCORED_ANSWERS = ("This speech conveys {emotion}.", "这段语音传达出{chinese}的情绪。")


@dataclass(frozen=True, slots=True)
class Turn:
    """Text around the speech: ``before`` + speech + ``after`` + answer + ``end``."""

    before: str
    after: str
    end: str


@dataclass
class PromptSettings:
    """Prompts and layout.

    Attributes:
        explicit: Question that asks for the whole chain of thought, or several wordings of it: training draws one of
            them for each utterance and epoch, answering uses the first. ``configs/prompts/`` has sets of them.
        implicit: Question that asks for the emotion only, or several wordings.
        layout: ``chat`` wraps the turn in ChatML, as Qwen2-Instruct was trained; ``plain`` is the released model's
            order: question, speech, answer, end of text; ``speech_first`` is SECap's: begin mark, speech, question,
            answer, end mark, with the two marks below.
        system: System message of the chat layout; empty for none.
        begin: Begin mark of ``speech_first``: the language model's own (LLaMA: ``<s>``), empty for a model without.
        end: End mark of ``speech_first``: one token of the language model (LLaMA: ``</s>``, Qwen2: ``<|endoftext|>``).
        scored_answers: Wordings that are scored for each emotion when labels are scored instead of generated; their
            probabilities add up. ``{emotion}`` is the canonical name, ``{chinese}`` the Chinese one.
    """

    explicit: str | list[str] = EXPLICIT_PROMPT
    implicit: str | list[str] = IMPLICIT_PROMPT
    layout: Literal["chat", "plain", "speech_first"] = "chat"
    system: str = "You are a helpful assistant."
    begin: str = "<s>"
    end: str = "</s>"
    scored_answers: list[str] = field(default_factory=lambda: list(SCORED_ANSWERS))

    def __post_init__(self) -> None:
        """Refuse an empty list of wordings."""
        if not (self.explicit and self.implicit):
            raise ValueError("prompts.explicit and prompts.implicit need a wording each")

    def wordings(self, mode: Mode) -> list[str]:
        """Return all wordings of one of the two questions."""
        wordings = self.explicit if mode == "explicit" else self.implicit
        return [wordings] if isinstance(wordings, str) else list(wordings)

    def wording(self, mode: Mode, draw: int = 0) -> str:
        """Return one of the two questions, in the wording that a number stands for."""
        wordings = self.wordings(mode)
        return wordings[draw % len(wordings)]

    def turn(self, mode: Mode, draw: int = 0) -> Turn:
        """Return the text around the speech for one of the two questions."""
        question = self.wording(mode, draw)
        if self.layout == "plain":
            return Turn(before=question, after="", end="<|endoftext|>")
        if self.layout == "speech_first":
            return Turn(before=self.begin, after=question, end=self.end)
        system = f"<|im_start|>system\n{self.system}<|im_end|>\n" if self.system else ""
        return Turn(
            before=f"{system}<|im_start|>user\n",
            after=f"\n{question}<|im_end|>\n<|im_start|>assistant\n",
            end="<|im_end|>",
        )

    def turns(self, mode: Mode) -> list[Turn]:
        """Return the text around the speech in every wording of a question."""
        return [self.turn(mode, draw) for draw in range(len(self.wordings(mode)))]

    def candidates(self, emotion: str) -> list[str]:
        """Return the answers that mean an emotion, one per wording."""
        return [wording.format(emotion=emotion, chinese=CHINESE_NAMES[emotion]) for wording in self.scored_answers]
