"""When two labels are one: the rule of agreement."""

from dataclasses import dataclass

from tools.auto_labels.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Agreement:
    """An emotion that sound and words agree on.

    Attributes:
        emotion: One of the seven.
        speech: Confidence of the speech labeller.
        text: Confidence of the text labeller.
    """

    emotion: str
    speech: float
    text: float

    @property
    def confidence(self) -> float:
        """Product of both: the probability that both are right if they err independently."""
        return round(self.speech * self.text, 6)


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Why an utterance stays without a label: a ledger category, and a sentence."""

    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class AgreementRule:
    """Both labellers name the same of the seven emotions (paper IV-A), each at least this sure.

    Attributes:
        least_speech: Probability of the speech label; 0 for the plain intersection.
        least_text: Share of answers with the text label.
    """

    least_speech: float = 0.0
    least_text: float = 0.0

    def decide(self, speech: Verdict, text: Verdict) -> Agreement | Disagreement:
        """Compare the two."""
        both = f"speech: {speech}; text: {text}"
        for verdict in (speech, text):
            if verdict.emotion is None:
                return Disagreement(verdict.reason, both)
        if speech.emotion != text.emotion or speech.emotion is None:
            return Disagreement("speech_and_text_differ", both)
        if speech.confidence < self.least_speech:
            return Disagreement("speech_unsure", f"{both}; --least-speech is {self.least_speech:g}")
        if text.confidence < self.least_text:
            return Disagreement("text_unsure", f"{both}; --least-text is {self.least_text:g}")
        return Agreement(speech.emotion, speech.confidence, text.confidence)
