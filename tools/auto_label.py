"""Label speech automatically: what a speech classifier and a chat model that reads the words agree on (paper IV-A).

python -m tools.auto_label --corpus jsonl --data emilia.jsonl --speech emotion2vec_plus_large/model.pt \
    --teacher endpoint --teacher-url http://localhost:8000/v1 --out labels/emilia

Writes manifest.csv (which --corpus csv reads), ledger.jsonl (what was not agreed on) and agreement.json. A killed run
goes on where it stopped. The words are read --text-samples times at --teacher-temperature 0.7; the share of answers is
the text's confidence.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from c2ser_lightning.data.ledger import Skip
from c2ser_lightning.models.backbone import BackboneError
from c2ser_lightning.modules.checkpointing import CheckpointError
from tools.auto_labels.classifier import SpeechLabelError, open_classifier
from tools.auto_labels.labelling import Labelled, LabellingSettings, label_corpus
from tools.auto_labels.rule import AgreementRule
from tools.auto_labels.settings import LONGEST_ANSWER, SAMPLES, TEMPERATURE, SpeechSettings
from tools.auto_labels.text import check_sampling
from tools.command_line import Parser, non_negative_float, positive_float, positive_int
from tools.corpora import CorpusError, corpus_name, open_corpus
from tools.teachers.exchange import TeacherError
from tools.teachers.options import add_teacher_options, take_teacher_settings


@dataclass(frozen=True, slots=True)
class Options:
    """The command line.

    Attributes:
        corpus: Name of a reader.
        data: Folder or list of the corpus.
        reader_option: Options of the reader, as ``key=value``.
        out: Folder to write.
        labelling: Everything else.
    """

    corpus: str
    data: Path
    reader_option: Sequence[str]
    out: Path
    labelling: LabellingSettings


def build(options: Options) -> Labelled:
    """Label the corpus.

    Raises:
        BackboneError: The speech classifier cannot be read.
        CheckpointError: The speech classifier's encoder is another one.
        CorpusError: The corpus cannot be read, or holds no utterance.
        SpeechLabelError: The speech classifier cannot be used.
        TeacherError: The chat model cannot be used; run again to go on.
    """
    check_sampling(options.labelling.teacher, options.labelling.samples)
    classifier = open_classifier(options.labelling.speech)
    rows = open_corpus(options.corpus, options.data, options.reader_option)
    total = sum(not isinstance(row, Skip) for row in rows)
    if not total:
        raise CorpusError(f"no utterance in {options.data}")
    rows = open_corpus(options.corpus, options.data, options.reader_option)
    return label_corpus(rows, total, classifier, options.labelling, options.out)


def parse(arguments: list[str] | None = None) -> Options:
    """Parse the command line; a mistake ends with status 2."""
    parser = Parser("tools.auto_label", __doc__)
    parser.add_argument("--corpus", type=corpus_name, required=True, help="a name in docs/corpora.md")
    parser.add_argument("--data", type=Path, required=True, help="its folder or list; its own labels are not used")
    parser.add_argument("--reader-option", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument("--out", type=Path, required=True, help="folder to write")
    parser.add_argument("--format", choices=["csv", "jsonl"], default="csv", help="of the manifest (default csv)")
    _add_speech_options(parser)
    parser.add_argument(
        "--text-samples", type=positive_int, default=SAMPLES, help=f"times the words are read (default {SAMPLES})"
    )
    parser.add_argument("--least-speech", type=non_negative_float, default=0.0, help="least probability (default 0)")
    parser.add_argument("--least-text", type=non_negative_float, default=0.0, help="least share of answers (default 0)")
    add_teacher_options(parser, default=None)
    parser.set_defaults(teacher_temperature=TEMPERATURE, teacher_max_tokens=LONGEST_ANSWER)
    given = parser.parse_args(arguments)
    for name in ("least_speech", "least_text"):
        if getattr(given, name) > 1:
            parser.error(f"--{name.replace('_', '-')} {getattr(given, name):g} is above 1")
    return _options(given)


def _add_speech_options(parser: Parser) -> None:
    group = parser.add_argument_group("speech", "which classifier hears; see docs/emo_emilia.md")
    group.add_argument("--speech", type=Path, required=True, help="released emotion2vec file with a head, or a probe")
    group.add_argument("--speech-encoder", type=Path, help="a probe's encoder")
    group.add_argument("--speech-labels", type=Path, help="labels of a released head, one a line (default tokens.txt)")
    group.add_argument("--speech-normalize", choices=["frame", "utterance"], default="frame", help="as the probe's")
    group.add_argument("--speech-device", default="", help="cpu, cuda, cuda:1 (default: a GPU if any)")
    group.add_argument("--speech-batch-size", type=positive_int, default=16, help="utterances at once (default 16)")
    group.add_argument("--speech-workers", type=positive_int, default=2, help="threads that decode (default 2)")
    group.add_argument("--min-seconds", type=positive_float, default=0.2, help="leave out shorter ones (default 0.2)")
    group.add_argument("--max-seconds", type=positive_float, default=20.0, help="leave out longer ones (default 20)")


def _options(given: argparse.Namespace) -> Options:
    speech = SpeechSettings(
        checkpoint=given.speech,
        encoder=given.speech_encoder,
        labels=given.speech_labels,
        normalize=given.speech_normalize,
        device=given.speech_device,
        batch_size=given.speech_batch_size,
        workers=given.speech_workers,
        min_seconds=given.min_seconds,
        max_seconds=given.max_seconds,
    )
    rule = AgreementRule(given.least_speech, given.least_text)
    settings = LabellingSettings(speech, take_teacher_settings(given), given.text_samples, rule, given.format)
    return Options(given.corpus, given.data, given.reader_option, given.out, settings)


def main(arguments: list[str] | None = None) -> None:
    """Run the tool; a corpus, classifier or chat model that cannot be used ends with status 2 and one line."""
    options = parse(arguments)
    try:
        result = build(options)
    except (BackboneError, CheckpointError, CorpusError, SpeechLabelError, TeacherError) as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
    print("\n".join(result.lines()))
    print(f"labels are in {result.manifest}; what was not agreed on is in {options.out / 'ledger.jsonl'}")


if __name__ == "__main__":
    main()
