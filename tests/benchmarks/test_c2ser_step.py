import json

import pytest

from benchmarks import c2ser_step, machine
from benchmarks.c2ser_step import OURS, PLAIN, Outcome, Run, Settings


def test_every_variant_sees_the_same_utterances_once():
    settings = Settings("small", "cpu", 12, 800)
    runs = [Run("implicit", variant, settings) for variant in ("ours", "plain")]
    assert all(sorted(position for batch in run.plan for position in batch) == list(range(12)) for run in runs)
    assert len(runs[0].plan) == len(runs[1].plan)
    assert runs[0].said == runs[1].said
    assert not runs[0].model.language_model.inner.is_gradient_checkpointing
    assert runs[1].model.language_model.inner.is_gradient_checkpointing


def test_a_report_is_a_file_and_a_picture(tmp_path, monkeypatch, capsys):
    for module in (c2ser_step, machine):
        monkeypatch.setattr(module, "RESULTS", tmp_path)
    made = [
        Outcome(stage, name, 2.0 if name in PLAIN else 5.0, 0.5, 1.0, 0.02, 3, "peak")
        for stage in c2ser_step.STAGES
        for name in (*OURS, *PLAIN)
    ]
    c2ser_step.report(made, Settings("small", "cpu", 12, 800), "nothing")
    assert "2.50 x" in capsys.readouterr().out
    (result,) = tmp_path.glob("*.json")
    assert json.loads(result.read_text())["outcomes"][0]["variant"] == "ours"
    assert next(tmp_path.glob("*.png")).stat().st_size > 5000


@pytest.mark.gpu
@pytest.mark.slow
def test_the_paper_sizes_take_a_step_on_a_gpu():
    outcome = c2ser_step.measure("implicit", "ours", Settings("7b", "cuda", 32, 2600))
    assert outcome.utterances_per_second > 0
