"""A real run of the shard builder, killed with SIGKILL in the middle of its teaching, and started again."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import soundfile

from tests.commands import python
from tests.conftest import ROOT
from tests.shards import record, tone
from tests.tools.teachers.chat_server import chat_server, completion
from tools.make_shards import main

COUNT = 10
RECORDS = [record(number, 1.0, transcript=f"these are words number {number}") for number in range(COUNT)]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("corpus")
    with (folder / "manifest.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["file", "emotion", "speaker", "language", "text", "split"])
        for number, item in enumerate(RECORDS):
            soundfile.write(folder / f"a{number}.wav", tone(number, 0.4), 16_000)
            writer.writerow([f"a{number}.wav", item.emotion, "s", "en", item.transcript, "train"])
    return folder / "manifest.csv"


def arguments(corpus: Path, out: Path, url: str) -> list[str]:
    given = ["--corpus", "csv", "--data", str(corpus), "--out", str(out), "--name", "mine", "--workers", "1"]
    teacher = ["--teacher", "endpoint", "--teacher-model", "toy", "--teacher-url", url]
    return [*given, *teacher, "--teacher-concurrency", "2"]


def obeying(script, body, number):
    """Write from the facts in the prompt, as a model does; every third utterance is wrong at first."""
    question = body["messages"][0]["content"]
    facts = dict(line[2:].split(": ", 1) for line in question.splitlines() if line.startswith("- "))
    if not facts:
        return None
    style = ", ".join(facts[name] for name in ("speaking rate", "pitch", "volume") if name in facts)
    wrong = int(facts["words"].strip('"').split()[-1]) % 3 == 0 and len(body["messages"]) == 1
    emotion = "nothing" if wrong else facts["emotion"]
    return completion(f"With {style}: {facts['words']}. So the emotion is {emotion}.")


def shard_files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def test_a_killed_run_pays_nothing_twice_and_ends_the_same(corpus, tmp_path):
    with chat_server(RECORDS) as (script, url):
        script.behaviour = obeying
        main(arguments(corpus, tmp_path / "whole", url))
        expected = shard_files(tmp_path / "whole")
        assert json.loads(expected["info.json"])["teacher"]["texts"]["explicit"]["accepted_later"] == 4
        wanted = len(script.bodies)
        assert wanted == 2 * COUNT + 4

    with chat_server(RECORDS) as (script, url):
        enough = 9

        def stuck(script, body, number):
            if number >= enough:
                time.sleep(60)
            return obeying(script, body, number)

        script.behaviour = stuck
        command = [sys.executable, "-m", "tools.make_shards", *arguments(corpus, tmp_path / "killed", url)]
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        journal = tmp_path / "killed" / "teacher" / "answers.jsonl"
        until = time.monotonic() + 240
        while not journal.exists() or journal.read_bytes().count(b"\n") < enough:
            assert process.poll() is None, process.stderr.read().decode()
            assert time.monotonic() < until
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stderr.close()
        assert process.returncode == -signal.SIGKILL
        assert not (tmp_path / "killed" / "info.json").exists()
        sent = len(script.bodies)
        # A kill can tear the line that is being written.
        with journal.open("ab") as file:
            file.write(b'{"request": "0123')

        script.behaviour = obeying
        done = python("-m", "tools.make_shards", *arguments(corpus, tmp_path / "killed", url))
        assert "9 answers from the journal" in done.stdout
        assert len(script.bodies) - sent == wanted - enough
    assert shard_files(tmp_path / "killed") == expected


def test_an_endpoint_that_is_not_there_ends_with_status_2_and_one_line(corpus, tmp_path, capsys):
    with pytest.raises(SystemExit) as stopped:
        main([*arguments(corpus, tmp_path / "out", "http://127.0.0.1:9/v1"), "--teacher-tries", "1"])
    assert stopped.value.code == 2
    assert "20 requests in a row failed" in capsys.readouterr().err
    assert not (tmp_path / "out" / "info.json").exists()
