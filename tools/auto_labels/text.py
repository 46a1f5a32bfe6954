"""Text labels: a chat model reads the words several times, and the share of its answers is the confidence."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from c2ser_lightning.data.record import UtteranceRecord
from c2ser_lightning.emotions import EMOTIONS
from c2ser_lightning.text.parsing import mentions
from tools.auto_labels.verdict import Verdict
from tools.teachers.checker import Objection, clean
from tools.teachers.desk import Desk
from tools.teachers.exchange import TeacherError
from tools.teachers.interview import Question
from tools.teachers.settings import TeacherSettings


def check_sampling(settings: TeacherSettings, samples: int) -> None:
    """Refuse what would give one and the same answer several times, and a teacher that reads nothing.

    Raises:
        TeacherError: The settings do not fit; the message says what to change.
    """
    if settings.name == "template":
        raise TeacherError("a template cannot read emotions: choose --teacher huggingface or endpoint")
    if samples > 1 and settings.sampling.temperature == 0:
        raise TeacherError(
            f"--text-samples {samples} at --teacher-temperature 0 asks for the same answer {samples} times; give a "
            "temperature above 0, or --text-samples 1 (then the confidence is always 1)"
        )


def read_emotions(records: Sequence[UtteranceRecord], made: Desk, samples: int) -> list[Verdict]:
    """Return the text label of each record.

    Args:
        records: Records; those without words get no label and cost nothing.
        made: The teacher at work.
        samples: Answers that each record gets.

    Raises:
        TeacherError: The teacher cannot go on; run again to go on.
    """
    asked = [record for record in records if record.transcript.strip()]
    questions = [_question(record, made, number) for record in asked for number in range(samples)]
    outcomes = made.outcomes(made.interview, questions) if made.interview is not None else []
    made.done(len(records), len(asked))
    answers = [outcome.text for outcome in outcomes]
    verdicts = iter([vote(answers[at : at + samples]) for at in range(0, len(answers), samples)])
    nothing = Verdict(None, reason="no_words", detail="there are no words to read")
    return [next(verdicts) if record.transcript.strip() else nothing for record in records]


def vote(answers: Sequence[str | None]) -> Verdict:
    """Return the most frequent answer and its share of all that were asked for; a tie decides nothing.

    Args:
        answers: Emotions; ``None`` for an answer that could not be had or used, which counts against the share.
    """
    ranked = Counter(answer for answer in answers if answer is not None).most_common(2)
    if not ranked:
        return Verdict(None, reason="no_text_label", detail=f"none of {len(answers)} answers names one emotion")
    if len(ranked) == 2 and ranked[0][1] == ranked[1][1]:
        said = " and ".join(sorted(emotion for emotion, _ in ranked))
        return Verdict(None, reason="text_undecided", detail=f"as many answers for {said} ({ranked[0][1]} each)")
    emotion, count = ranked[0]
    return Verdict(emotion, round(count / len(answers), 6))


def judge(answer: str) -> tuple[str, list[Objection]]:
    """Return the one emotion that an answer names, or what is wrong with it."""
    named = {mention.emotion for mention in mentions(clean(answer))}
    if len(named) == 1:
        return named.pop(), []
    if not named:
        return "", [Objection("no_emotion")]
    return "", [Objection("several_emotions", ", ".join(name for name in EMOTIONS if name in named))]


def _question(record: UtteranceRecord, made: Desk, number: int) -> Question:
    """Word a question; its number makes the seed, and the place in the journal, its own."""
    prompts = made.prompts(made.language(record))
    request = prompts.request("label", record)
    if number:
        request = replace(request, utterance=f"{request.utterance}#{number}")
    return Question("label", request, judge, prompts.complaint)
