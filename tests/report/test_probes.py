"""Probes on disk and on the page."""

import math
from dataclasses import replace

import pytest

from c2ser_lightning.report.html import write_report
from c2ser_lightning.report.probes import (
    PROBES_FILE,
    Conflict,
    Outcome,
    ProbeExample,
    ProbeFileError,
    ProbeReport,
    read_probes,
)
from c2ser_lightning.report.results import Result
from tests.pages import Page
from tests.results import result
from tools.report import main

EVIL = "<script>alert(1)</script>"


def probes() -> ProbeReport:
    recorded = Outcome("as recorded", 28, None, None, 0, 0.0, 0.85, 6.4, 0.729)
    louder = Outcome("gain +10 dB", 28, 0.111, 0.222, 9, 0.057, 0.85, 6.5, math.nan)
    silence = Outcome("silence", 28, None, None, 0, 0.729, 0.893, 7.0, 0.271)
    shown = ProbeExample("silence", "invented", "utt001", "speaker1", "en", None, f"It was {EVIL}", "Angry again.")
    return ProbeReport(
        28, recorded, [louder, silence], Conflict(8, 0.25, 0.75), [shown], "runs/x/last.ckpt", "2026-01-02"
    )


def test_what_is_written_is_read(tmp_path):
    probes().write(tmp_path / "deep" / PROBES_FILE)
    found = read_probes(tmp_path / "deep" / PROBES_FILE)
    assert math.isnan(found.probes[0].ua)
    one = replace(found, probes=[replace(row, ua=0.0) for row in found.probes])
    assert one == replace(probes(), probes=[replace(row, ua=0.0) for row in probes().probes])
    assert read_probes(tmp_path / PROBES_FILE) is None


def test_a_damaged_file_is_named(tmp_path):
    result().write(tmp_path)
    for text in ("broken", "[]", '{"utterances": 3}'):
        (tmp_path / PROBES_FILE).write_text(text)
        with pytest.raises(ProbeFileError, match=rf"{PROBES_FILE}: not what tools\.probe_groundedness writes"):
            Result.read(tmp_path)
    with pytest.raises(SystemExit, match=r"probes\.json"):
        main([str(tmp_path), "--out", str(tmp_path / "page.html")])


def test_the_page_of_a_probed_run_shows_them(tmp_path):
    result("plain").write(tmp_path / "plain")
    result("probed").write(tmp_path / "probed")
    probes().write(tmp_path / "probed" / PROBES_FILE)
    write_report([Result.read(tmp_path / name) for name in ("plain", "probed")], tmp_path / "page.html")
    made = Page((tmp_path / "page.html").read_text(encoding="utf-8"))
    assert "Hallucination" in made.text
    assert "probed: do answers move with the evidence?" in made.text
    assert "plain: do answers" not in made.text
    assert "runs/x/last.ckpt, 2026-01-02" in made.text
    assert "gain +10 dB 0.111 0.222 9 0.057 0.850 6.5 none" in made.text
    assert "silence – – – 0.729 0.893 7.0 0.271" in made.text
    assert "follow the voice in 25.0 %, the words in 75.0 %" in made.text
    assert "silence: invented utt001 · speaker1 · unlabelled as recorded It was <script>" in made.text
    assert made.tags["script"] == 2


def test_a_run_without_explanations_or_probes_has_no_such_section(tmp_path):
    write_report([result()], tmp_path / "page.html")
    assert "Hallucination" not in (tmp_path / "page.html").read_text(encoding="utf-8")
