import csv
import hashlib
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from c2ser_lightning.data.audio import load_audio
from tests.conftest import ROOT
from tools.demo_corpus.prosody import Difficulty
from tools.demo_corpus.script import write_script
from tools.demo_corpus.voices import VOICES


def make(folder: Path, utterances: int = 105) -> list[dict[str, str]]:
    command = [sys.executable, "-m", "tools.make_demo_corpus", "--out", str(folder), "--utterances", str(utterances)]
    subprocess.run(command, check=True, cwd=ROOT, capture_output=True)
    with (folder / "manifest.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    return folder, make(folder)


def digest(folder: Path) -> str:
    return hashlib.sha256(b"".join(path.read_bytes() for path in sorted(folder.rglob("*.*")))).hexdigest()


def test_two_processes_speak_bit_identical_corpora(corpus, tmp_path):
    make(tmp_path / "again")
    assert digest(tmp_path / "again") == digest(corpus[0])


def test_emotions_are_balanced_in_every_split_and_speakers_are_disjoint(corpus):
    rows = corpus[1]
    assert set(Counter((row["split"], row["emotion"]) for row in rows).values()) == {10, 2, 3}
    speakers = {split: {row["speaker"] for row in rows if row["split"] == split} for split in ("train", "dev", "test")}
    assert not speakers["train"] & (speakers["dev"] | speakers["test"])
    assert {row["language"] for row in rows if row["split"] == "test"} == {"en", "zh"}
    assert {row["gender"] for row in rows if row["split"] == "test"} == {"female", "male"}


def test_audio_is_usable_speech_of_the_stated_length(corpus):
    folder, rows = corpus
    for row in rows[::9]:
        waveform = load_audio(folder / row["file"])
        assert len(waveform) / 16_000 == pytest.approx(float(row["duration_s"]), abs=1e-3)
        assert 0.5 < float(row["duration_s"]) < 6.5


def test_the_corpus_says_that_it_is_synthetic(corpus):
    assert "SYNTHETIC" in (corpus[0] / "README.txt").read_text()


def test_wording_alone_does_not_tell_the_emotion():
    lines = write_script(868, Difficulty().emotional_wording, 0)
    assert len(lines) == 868
    by_text: dict[str, Counter[str]] = {}
    for line in lines:
        by_text.setdefault(line.text, Counter())[line.emotion] += 1
    guessed = sum(max(counts.values()) for counts in by_text.values())
    assert guessed / len(lines) < 0.6
    assert len({voice.speaker for voice in VOICES}) == 55
