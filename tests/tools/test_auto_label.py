"""The whole tool: a real probe hears, a real server reads, the manifest is read back by the corpus readers."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from c2ser_lightning.emotions import EMOTIONS
from tests.commands import python
from tests.conftest import ROOT
from tests.tools.auto_labels.corpus import WORDS, reading, write_corpus
from tests.tools.corpora.miniature import split_kinds
from tests.tools.teachers.chat_server import chat_server, completion
from tools.auto_label import main
from tools.corpora import open_corpus


def arguments(corpus, out, probe, encoder, url, *more):
    speech = ["--speech", str(probe), "--speech-encoder", str(encoder), "--speech-device", "cpu"]
    teacher = ["--teacher", "endpoint", "--teacher-model", "toy", "--teacher-url", url, "--teacher-concurrency", "2"]
    given = ["--corpus", "csv", "--data", str(corpus), "--out", str(out), "--speech-batch-size", "3"]
    return [*given, *speech, *teacher, *more]


def ledger(folder):
    return {line["key"]: line for line in map(json.loads, (folder / "ledger.jsonl").read_text().splitlines())}


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_what_both_agree_on_is_kept_and_read_back(tmp_path, tiny_probe, tiny_encoder, capsys, kind):
    words = [*WORDS, "nobody knows", "", *WORDS[2:], "these are words of anger"]
    words[3], words[4] = "these are words of sadness/fear", "these are words of disgust"
    corpus = write_corpus(tmp_path / "corpus", words, broken=len(words) - 1)
    with chat_server([]) as (script, url):
        script.behaviour = reading
        main(arguments(corpus, tmp_path / "out", tiny_probe, tiny_encoder, url, "--format", kind))
        assert {body["temperature"] for body in script.bodies} == {0.7}
        assert len({body["seed"] for body in script.bodies if len(body["messages"]) == 1}) > 5
    rows, skips = split_kinds(open_corpus(kind, tmp_path / "out"))
    assert skips == []
    # Utterance n sounds like emotion n; 4 reads otherwise than it sounds, 7 has no emotion, 8 has no words.
    kept = [0, 1, 2, 3, 5, 6, *range(9, 14)]
    assert [row.key for row in rows] == [f"a{number:03d}" for number in kept]
    assert [row.label for row in rows] == [EMOTIONS[number % 7] for number in kept]
    assert rows[0].audio.resolve() == (tmp_path / "corpus" / "a000.wav").resolve()
    assert (rows[1].speaker, rows[1].language, rows[1].split, rows[1].transcript) == ("s1", "en", "train", words[1])
    left = ledger(tmp_path / "out")
    assert {key: line["reason"] for key, line in left.items()} == {
        "a004": "speech_and_text_differ",
        "a007": "no_text_label",
        "a008": "no_words",
        "a014": "undecodable",
    }
    assert "speech: surprise 0." in left["a004"]["detail"]
    assert "text: disgust 1.00" in left["a004"]["detail"]
    summary = json.loads((tmp_path / "out" / "agreement.json").read_text())
    assert summary["speech_by_text"]["surprise"] == {"disgust": 1, "surprise": 1}
    assert summary["agreed"] == 11
    printed = capsys.readouterr().out
    assert "both labelled 12, the same label on 11 (91.7%); Cohen's kappa" in printed
    if kind == "jsonl":
        lines = [json.loads(line) for line in (tmp_path / "out" / "manifest.jsonl").read_text().splitlines()]
        assert all(
            line["confidence"] == round(line["speech_confidence"] * line["text_confidence"], 6) for line in lines
        )
        assert lines[3]["text_confidence"] in {0.6, 0.8}
        assert lines[0]["label_source"] == "emotion2vec+llm"


def test_a_killed_run_hears_and_asks_nothing_twice(tmp_path, tiny_probe, tiny_encoder):
    corpus = write_corpus(tmp_path / "corpus", WORDS * 2)
    more = ["--teacher-part", "7", "--text-samples", "2"]
    with chat_server([]) as (script, url):
        script.behaviour = reading
        main(arguments(corpus, tmp_path / "whole", tiny_probe, tiny_encoder, url, *more))
        assert len(script.bodies) == 28

    def stuck(server, body, number):
        if number >= 17:
            time.sleep(60)
        return reading(server, body, number)

    out = tmp_path / "killed"
    with chat_server([]) as (script, url):
        script.behaviour = stuck
        given = arguments(corpus, out, tiny_probe, tiny_encoder, url, *more)
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
        command = [sys.executable, "-m", "tools.auto_label", *given]
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE)
        journal = out / "teacher" / "answers.jsonl"
        until = time.monotonic() + 120
        while not journal.exists() or journal.read_bytes().count(b"\n") < 17:
            assert process.poll() is None, process.stderr.read().decode()
            assert time.monotonic() < until
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stderr.close()
        assert not (out / "manifest.csv").exists()
        sent = len(script.bodies)
        script.behaviour = reading
        done = python("-m", "tools.auto_label", *given)
        assert len(script.bodies) - sent == 28 - 17
        assert "14 speech labels from the journal" in done.stdout
        assert "17 answers from the journal" in done.stdout
    for name in ("manifest.csv", "ledger.jsonl", "agreement.json"):
        whole = (tmp_path / "whole" / name).read_text()
        assert (out / name).read_text() == whole


def test_mistakes_end_with_status_2_and_one_line(tmp_path, tiny_probe, tiny_encoder, capsys):
    corpus = write_corpus(tmp_path / "corpus", WORDS)

    def said(*more):
        with pytest.raises(SystemExit) as stopped:
            main(arguments(corpus, tmp_path / "out", tiny_probe, tiny_encoder, "http://127.0.0.1:9/v1", *more))
        assert stopped.value.code == 2
        return capsys.readouterr().err.splitlines()[-1]

    assert "asks for the same answer 5 times" in said("--teacher-temperature", "0")
    assert "--least-text 60 is above 1" in said("--least-text", "60")
    assert "did you mean --text-samples" in said("--text-sample", "3")
    assert "no such checkpoint" in said("--speech", str(tmp_path / "nothing.pt"))


def test_an_answer_that_names_nothing_is_complained_of(tmp_path, tiny_probe, tiny_encoder):
    corpus = write_corpus(tmp_path / "corpus", WORDS[:1])

    def vague_first(server, body, number):
        return completion("It is complicated.") if len(body["messages"]) == 1 else completion("anger")

    with chat_server([]) as (script, url):
        script.behaviour = vague_first
        main(arguments(corpus, tmp_path / "out", tiny_probe, tiny_encoder, url, "--text-samples", "1"))
        assert "It names none of the seven emotions." in script.bodies[-1]["messages"][-1]["content"]
    report = json.loads((tmp_path / "out" / "teacher" / "report.json").read_text())
    assert report["texts"]["label"]["accepted_later"] == 1
