"""A corpus is drawn part by part: a part is labelled before the next one is read."""

import json
from dataclasses import replace

from c2ser_lightning.data.ledger import Skip
from tests.shards import record
from tests.tools.auto_labels.corpus import WORDS, reading, write_corpus
from tests.tools.teachers.chat_server import chat_server
from tools.auto_labels.classifier import open_classifier
from tools.auto_labels.labelling import LabellingSettings, label_corpus
from tools.auto_labels.rule import AgreementRule
from tools.auto_labels.settings import SpeechSettings
from tools.corpora import open_corpus
from tools.teachers.prompts import Prompts
from tools.teachers.settings import EndpointSettings, SamplingSettings, TeacherSettings


def test_no_more_than_a_part_is_held(tmp_path, tiny_probe, tiny_encoder):
    corpus = write_corpus(tmp_path / "corpus", WORDS * 3)
    speech = SpeechSettings(tiny_probe, tiny_encoder, device="cpu", batch_size=4)
    answered = []

    with chat_server([]) as (script, url):
        script.behaviour = reading
        sampling = SamplingSettings(temperature=0.7)
        teacher = TeacherSettings("endpoint", "toy", part=5, sampling=sampling, endpoint=EndpointSettings(url=url))
        settings = LabellingSettings(speech, teacher, 2, AgreementRule(), "jsonl")

        def rows():
            for number, one in enumerate(open_corpus("csv", corpus)):
                answered.append((number, len(script.bodies)))
                yield one
                if number == 2:
                    yield one
            yield Skip("x", "bad_row", "as its reader says", "list")

        made = label_corpus(rows(), None, open_classifier(speech), settings, tmp_path / "out")
    assert all(asked >= 2 * (number - number % 5) for number, asked in answered)
    assert made.kept == 21
    assert made.left_out == {"duplicate_key": 1, "bad_row": 1}
    assert made.table.kappa == 1.0
    assert made.report.utterances == 21
    assert len((tmp_path / "out" / "ledger.jsonl").read_text().splitlines()) == 2
    assert json.loads((tmp_path / "out" / "agreement.json").read_text())["cohens_kappa"] == 1.0


def test_mandarin_words_are_asked_about_in_mandarin_and_no_label_is_told():
    one = replace(record(3, 1.0), language="zh", transcript="别来烦我")
    asked = [Prompts(language).request("label", one).messages[0].content for language in ("zh", "en")]
    assert "说话内容：“别来烦我”" in asked[0]
    assert 'The words: "别来烦我"' in asked[1]
    assert not any("$" in text for text in asked)
    assert asked[1] == Prompts("en").request("label", replace(one, emotion=None)).messages[0].content
