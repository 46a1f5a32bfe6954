r"""Have a language model read the emotion out of answers, as the paper did, and compare it with the parser.

python -m tools.judge_answers runs/x/predictions.jsonl --teacher endpoint --teacher-url http://localhost:8000/v1 \
    --teacher-model Qwen/Qwen2.5-14B-Instruct

The judge is set up like a teacher (docs/teachers.md): a local chat model or an endpoint. Beside the predictions it
leaves judged.jsonl (each answer, what parser and judge read in it), judge.json (agreement, and scores by either) and a
journal, so that a run that is started again pays for nothing twice.
"""

import json
import sys
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from tqdm import tqdm

from c2ser_lightning.emotions import EMOTIONS
from c2ser_lightning.metrics.recognition import RecognitionScores
from c2ser_lightning.report.json_numbers import without_nan
from c2ser_lightning.report.predictions import Prediction, PredictionFileError, read_predictions
from c2ser_lightning.report.scoring import recognition
from c2ser_lightning.text.parsing import parse_emotion
from tools.command_line import Parser
from tools.teachers.exchange import Message, Request, Teacher, TeacherError
from tools.teachers.journal import Journal
from tools.teachers.opening import opened
from tools.teachers.options import add_teacher_options, take_teacher_settings
from tools.teachers.settings import TeacherSettings

PROMPT = (
    "Given the following text, determine its corresponding emotion and output only the single most appropriate emotion "
    "label. The possible labels are: {labels}\n\n{text}"
)
"""The paper's prompt (V-B) for Qwen2.5-14B-Chat."""

JUDGED_FILE, SUMMARY_FILE, JOURNAL_FILE = "judged.jsonl", "judge.json", "judge_answers.jsonl"


@dataclass(frozen=True, slots=True)
class Agreement:
    """How parser and judge read the same answers.

    Attributes:
        answers: Answers with text.
        agreement: Share that both read alike, unparsed included.
        kappa: Cohen's kappa: agreement beyond what equal shares of labels would give by chance.
        parser: Scores by the parser's reading.
        judge: Scores by the judge's.
        unanswered: Answers of which the judge said nothing.
    """

    answers: int
    agreement: float
    kappa: float
    parser: RecognitionScores
    judge: RecognitionScores
    unanswered: int


def readings(texts: list[str], labels: list[str], teacher: Teacher, journal: Journal) -> dict[str, str | None]:
    """Return what the judge said of each different text, ``None`` where it could not be reached.

    Raises:
        TeacherError: The judge cannot go on; run again to continue.
    """
    said: dict[str, str | None] = {}
    asked: dict[Request, str] = {}
    for text in dict.fromkeys(texts):
        request = Request("judge", (Message("user", PROMPT.format(labels=", ".join(labels), text=text)),))
        known = journal.get(request.digest(teacher.identity))
        if known is None:
            asked[request] = text
        else:
            said[text] = known.text
    for request, answer in tqdm(teacher.answer(list(asked)), total=len(asked), desc="judging", unit="answer"):
        failed = answer.finish == "failed"
        if not failed:
            journal.add(request.digest(teacher.identity), answer)
        said[asked[request]] = None if failed else answer.text
    return said


def kappa(first: list[str | None], second: list[str | None]) -> float:
    """Return Cohen's kappa (Cohen 1960): ``(p_o - p_e) / (1 - p_e)``; 1 where both always say one and the same."""
    n = max(1, len(first))
    observed = sum(one == other for one, other in zip(first, second, strict=True)) / n
    expected = sum(first.count(label) * second.count(label) for label in {*first, *second}) / n**2
    return 1.0 if expected == 1.0 else (observed - expected) / (1.0 - expected)


def judge(path: Path, labels: list[str], settings: TeacherSettings) -> Agreement:
    """Judge a file of predictions and write what was found beside it.

    Raises:
        TeacherError: The judge cannot be set up or cannot go on, or there is nothing to judge.
        PredictionFileError: The file holds something else.
    """
    rows = [row for row in read_predictions(path) if row.answer]
    if not rows:
        raise TeacherError(f"{path} holds no generated answers; only those can be judged")
    with opened(settings) as teacher, Journal(path.with_name(JOURNAL_FILE)) as journal:
        assert teacher is not None
        said = readings([row.answer for row in rows], labels, teacher, journal)
    by_parser = [replace(row, predicted=parse_emotion(row.answer, labels)) for row in rows]
    by_judge = [replace(row, predicted=parse_emotion(said[row.answer] or "", labels)) for row in rows]
    _write_readings(path.with_name(JUDGED_FILE), by_parser, by_judge, said)
    ours, theirs = ([row.predicted for row in side] for side in (by_parser, by_judge))
    same = sum(one == other for one, other in zip(ours, theirs, strict=True)) / len(rows)
    unanswered = sum(said[row.answer] is None for row in rows)
    scores = recognition(by_parser, labels), recognition(by_judge, labels)
    made = Agreement(len(rows), same, kappa(ours, theirs), *scores, unanswered)
    path.with_name(SUMMARY_FILE).write_text(json.dumps(without_nan(asdict(made)), indent=1) + "\n", encoding="utf-8")
    return made


def _write_readings(
    path: Path, by_parser: list[Prediction], by_judge: list[Prediction], said: dict[str, str | None]
) -> None:
    lines = [
        {"key": one.key, "emotion": one.emotion, "parser": one.predicted, "judge": other.predicted}
        | {"answer": one.answer, "judge_said": said[one.answer]}
        for one, other in zip(by_parser, by_judge, strict=True)
    ]
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")


def main(arguments: list[str] | None = None) -> None:
    """Run the tool."""
    parser = Parser("tools.judge_answers", __doc__)
    parser.add_argument("predictions", type=Path, help="predictions.jsonl of a finished test")
    parser.add_argument("--labels", nargs="+", choices=EMOTIONS, default=list(EMOTIONS), help="label set (all seven)")
    add_teacher_options(parser, default=None)
    given = parser.parse_args(arguments)
    try:
        found = judge(given.predictions, given.labels, take_teacher_settings(given))
    except (OSError, TeacherError, PredictionFileError) as error:
        sys.exit(f"error: {error}")
    print(f"{found.answers} answers, agreement {found.agreement:.3f}, kappa {found.kappa:.3f}")
    for name, scores in (("parser", found.parser), ("judge", found.judge)):
        figures = f"WA {scores.wa:.3f}  UA {scores.ua:.3f}  Macro-F1 {scores.macro_f1:.3f}"
        print(f"{name:<7} {figures}  unparsed {scores.unparsed_rate:.3f}")
    if found.unanswered:
        print(f"the judge said nothing of {found.unanswered} answers; run again to ask for them")
    print(f"each reading: {given.predictions.with_name(JUDGED_FILE)}")


if __name__ == "__main__":
    main()
