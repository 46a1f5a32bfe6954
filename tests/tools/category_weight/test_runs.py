import sys
from pathlib import Path

import pytest

from tests.results import result
from tools.category_weight.runs import Plan, Run
from tools.studies.side_by_side import RunError


def plan(out: Path) -> Plan:
    return Plan(Path("shards/x"), out, ("a.yaml", "b.yaml"), ("probe.yaml",))


def test_only_weight_and_seed_differ_between_runs(tmp_path):
    def flat(weight: float, seed: int) -> list[str]:
        run = Run(plan(tmp_path), weight, seed)
        return [part.replace(str(run.folder), "RUN") for command in run.commands() for part in command]

    first, second = flat(0.0, 1), flat(100.0, 2)
    differing = [(a, b) for a, b in zip(first, second, strict=True) if a != b]
    assert ("--model.init_args.objective.category=0", "--model.init_args.objective.category=100") in differing
    assert {a.partition("=")[0] for a, _ in differing} == {
        "--model.init_args.objective.category",
        "--model.init_args.seed",
        "--seed_everything",
        "--data.init_args.loader.seed",
    }


def test_the_probe_reads_the_encoder_that_was_pretrained(tmp_path):
    run = Run(plan(tmp_path), 10.0, 3)
    pretrain, fit, test = (" ".join(command) for command in run.commands())
    assert f"--run_dir={run.folder / 'emotion2vec_s'}" in pretrain
    assert f"{{checkpoint: {run.encoder}}}" in fit
    assert f"{{checkpoint: {run.encoder}}}" in test
    assert "--config a.yaml --config b.yaml" in pretrain


def test_a_failed_command_names_its_log_and_ends_the_run(tmp_path, monkeypatch):
    commands = [[sys.executable, "-c", "raise SystemExit('no such thing')"], [sys.executable, "-c", "print('never')"]]
    monkeypatch.setattr(Run, "commands", lambda self: commands)
    run = Run(plan(tmp_path), 1.0, 0)
    with pytest.raises(RunError, match=r"weight 1, seed 0 failed; its messages are in .*log\.txt"):
        run.execute(threads=1)
    assert (run.folder / "log.txt").read_text() == "no such thing\n"


def test_a_run_that_is_done_is_not_repeated(tmp_path, monkeypatch):
    run = Run(plan(tmp_path), 1.0, 0)
    assert not run.done
    result("probe").write(run.folder / "probe")
    monkeypatch.setattr(Run, "commands", lambda self: pytest.fail("repeated"))
    run.execute(threads=1)
    assert run.result().name == "weight 1, seed 0"
