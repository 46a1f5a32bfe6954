"""From a corpus to automatic labels, part by part: hear, read, compare, write."""

import json
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from tqdm import tqdm

from c2ser_lightning.data.audio import AudioError
from c2ser_lightning.data.ledger import Skip
from tools.auto_labels.agreement_table import AgreementTable
from tools.auto_labels.classifier import SpeechClassifier
from tools.auto_labels.left_out import LedgerFile
from tools.auto_labels.manifest import Format, ManifestWriter
from tools.auto_labels.rule import Agreement, AgreementRule
from tools.auto_labels.settings import SpeechSettings
from tools.auto_labels.speech import Heard, SpeechLabeller, record_of
from tools.auto_labels.text import check_sampling, read_emotions
from tools.corpora.base import ManifestRow
from tools.teachers.desk import Desk, desk
from tools.teachers.prompts import Kind
from tools.teachers.report import TeacherReport
from tools.teachers.settings import TeacherSettings

LEDGER_FILE = "ledger.jsonl"
SPEECH_JOURNAL = "speech.jsonl"
SUMMARY_FILE = "agreement.json"
TEACHER_FOLDER = "teacher"


@dataclass(frozen=True, slots=True)
class LabellingSettings:
    """Everything but the corpus.

    Attributes:
        speech: The speech labeller.
        teacher: The chat model that reads the words.
        samples: Answers an utterance gets.
        rule: When two labels are one.
        format: Of the manifest.
    """

    speech: SpeechSettings
    teacher: TeacherSettings
    samples: int
    rule: AgreementRule
    format: Format = "csv"


@dataclass(frozen=True, slots=True)
class Labelled:
    """What came of a corpus.

    Attributes:
        table: Speech labels against text labels.
        kept: Utterances in the manifest.
        left_out: Utterances in the ledger, by reason.
        heard_before: Speech labels that an earlier run had made.
        report: What the chat model did.
        manifest: Where the labels are.
    """

    table: AgreementTable
    kept: int
    left_out: dict[str, int]
    heard_before: int
    report: TeacherReport
    manifest: Path

    def lines(self) -> list[str]:
        """Return everything a person wants to read."""
        reasons = ", ".join(f"{count} {reason}" for reason, count in self.left_out.items()) or "nothing"
        heard = f"{self.heard_before} speech labels from the journal"
        return [*self.table.lines(), *self.report.lines(), f"{self.kept} agreed on; left out: {reasons}; {heard}"]


def label_corpus(
    rows: Iterable[ManifestRow | Skip],
    total: int | None,
    classifier: SpeechClassifier,
    settings: LabellingSettings,
    folder: Path,
) -> Labelled:
    """Label rows and write manifest, ledger and summary; no more than a part of the rows is held at a time.

    Args:
        rows: A corpus; its own labels are carried along and decide nothing.
        total: Number of rows, for the progress bars.
        classifier: What hears.
        settings: Everything else.
        folder: Where to write. Its two journals make a killed run go on where it stopped.

    Raises:
        TeacherError: The chat model cannot be used or has stopped answering; run again to go on.
    """
    check_sampling(settings.teacher, settings.samples)
    table = AgreementTable()
    teacher_folder = folder / TEACHER_FOLDER
    with ExitStack() as stack:
        ledger = stack.enter_context(LedgerFile(folder / LEDGER_FILE))
        # The kind stands there once per answer: the bar counts utterances, and moves a little with each answer.
        kinds: list[Kind] = ["label" for _ in range(settings.samples)]
        made = stack.enter_context(desk(settings.teacher, teacher_folder, total, "reading words", kinds))
        hearing = stack.enter_context(tqdm(total=total, desc="hearing speech", unit="utt"))
        speech = stack.enter_context(SpeechLabeller(classifier, settings.speech, folder / SPEECH_JOURNAL))
        writer = stack.enter_context(ManifestWriter(folder, settings.format))
        stream = _new_rows(rows, ledger)
        while part := list(islice(stream, settings.teacher.part)):
            for row, heard, decision in _decided(part, speech, made, settings, table, ledger, hearing):
                _write(row, heard, decision, writer, ledger)
        result = Labelled(table, writer.written, ledger.counts(), speech.from_journal, made.report, writer.path)
    _write_summary(result, classifier, settings, folder)
    return result


def _new_rows(rows: Iterable[ManifestRow | Skip], ledger: LedgerFile) -> Iterator[ManifestRow]:
    """Pass on rows whose key is new; hashes of keys are all that is remembered."""
    seen: set[int] = set()
    for row in rows:
        if isinstance(row, Skip):
            ledger.add(row)
        elif hash(row.key) in seen:
            ledger.add(Skip(row.key, "duplicate_key", "an earlier row has this key", row.source))
        else:
            seen.add(hash(row.key))
            yield row


def _decided(
    part: list[ManifestRow],
    speech: SpeechLabeller,
    made: Desk,
    settings: LabellingSettings,
    table: AgreementTable,
    ledger: LedgerFile,
    hearing: "tqdm[None]",
) -> Iterator[tuple[ManifestRow, Heard, Agreement | Skip]]:
    """Yield each audible row with what was decided."""
    audible: list[tuple[ManifestRow, Heard]] = []
    for row, heard in zip(part, speech.label(part), strict=True):
        hearing.update()
        if isinstance(heard, Skip):
            ledger.add(heard)
        else:
            audible.append((row, heard))
    verdicts = read_emotions([record_of(row, heard.seconds) for row, heard in audible], made, settings.samples)
    for (row, heard), text in zip(audible, verdicts, strict=True):
        table.add(heard.verdict.emotion, text.emotion)
        decision = settings.rule.decide(heard.verdict, text)
        if isinstance(decision, Agreement):
            yield row, heard, decision
        else:
            yield row, heard, Skip(row.key, decision.reason, decision.detail, row.source)


def _write(
    row: ManifestRow, heard: Heard, decision: Agreement | Skip, writer: ManifestWriter, ledger: LedgerFile
) -> None:
    if isinstance(decision, Skip):
        ledger.add(decision)
        return
    try:
        writer.add(row, decision, heard.seconds)
    except AudioError as error:
        ledger.add(Skip(row.key, error.reason, str(error), row.source))


def _write_summary(result: Labelled, classifier: SpeechClassifier, settings: LabellingSettings, folder: Path) -> None:
    summary = {
        "speech_classifier": classifier.identity,
        "text_samples": settings.samples,
        "least_speech": settings.rule.least_speech,
        "least_text": settings.rule.least_text,
        "agreed": result.kept,
        "left_out": result.left_out,
        **result.table.summary(),
        "teacher": result.report.summary(),
    }
    text = json.dumps(summary, ensure_ascii=False, indent=1) + "\n"
    (folder / SUMMARY_FILE).write_text(text, encoding="utf-8")
