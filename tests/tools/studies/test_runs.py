"""Commands and what counts as done, with a stand-in for the package (real runs: test_run_study)."""

import json

import pytest

from tools.studies.runs import Run
from tools.studies.settings import StageSettings, StudySettings, VariantSettings
from tools.studies.side_by_side import RunError

STAND_IN = """
import json, pathlib, sys
words = sys.argv[1:]
folder = pathlib.Path([word for word in words if word.startswith("--run_dir=")][0].partition("=")[2])
(folder / "checkpoints").mkdir(parents=True, exist_ok=True)
with open("calls.jsonl", "a") as file: file.write(json.dumps(words) + "\\n")
if words[0] == "fit":
    (folder / "checkpoints" / "last.ckpt").write_text("weights")
    if pathlib.Path("fail").exists(): sys.exit("no memory")
else:
    (folder / "metrics.json").write_text("{}")
"""


@pytest.fixture(autouse=True)
def package(tmp_path, monkeypatch):
    (tmp_path / "c2ser_lightning").mkdir()
    (tmp_path / "c2ser_lightning" / "__init__.py").touch()
    (tmp_path / "c2ser_lightning" / "__main__.py").write_text(STAND_IN)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(folder, seed=3, **changes) -> Run:
    stages = [
        StageSettings("stage1", ["one.yaml"], ["--a={seed}"]),
        StageSettings("stage2", ["one.yaml", "two.yaml"], start="stage1"),
    ]
    variant = VariantSettings("linear decay", changes.pop("stages", stages), changes.pop("test_options", []))
    return Run(StudySettings("t", [variant], [seed], options=["--shared=1"]), variant, seed, folder / "out")


def calls(folder) -> list[list[str]]:
    return [json.loads(line) for line in (folder / "calls.jsonl").read_text().splitlines()]


def test_stages_are_trained_in_order_each_from_the_one_before_and_the_last_is_tested(package):
    made = run(package, test_options=["--beams=4"])
    made.execute(1)
    first, second, test = calls(package)
    assert [words[0] for words in (first, second, test)] == ["fit", "fit", "test"]
    assert {"--a=3", "--shared=1", "--seed_everything=3", "--data.init_args.loader.seed=3"} <= set(first)
    assert f"--model.init_args.initialise_from={made.folder}/stage1/checkpoints/last.ckpt" in second
    assert second[1:5] == ["--config", "one.yaml", "--config", "two.yaml"]
    assert {"--beams=4", f"--ckpt_path={made.folder}/stage2/checkpoints/last.ckpt"} <= set(test)
    assert "--model.init_args.initialise_from=null" in test
    assert "--beams=4" not in second
    assert made.done


def test_what_is_done_is_not_repeated(package):
    run(package).execute(1)
    run(package).execute(1)
    assert len(calls(package)) == 3


def test_a_changed_stage_is_run_anew_with_everything_behind_it_and_nothing_before(package):
    run(package).execute(1)
    stages = [*run(package).variant.stages]
    stages[1] = StageSettings("stage2", ["one.yaml", "other.yaml"], start="stage1")
    changed = run(package, stages=stages)
    assert not changed.done
    changed.execute(1)
    assert [words[0] for words in calls(package)[3:]] == ["fit", "test"]
    stages[0] = StageSettings("stage1", ["one.yaml"], ["--a=9"])
    run(package, stages=stages).execute(1)
    assert [words[0] for words in calls(package)[5:]] == ["fit", "fit", "test"]


def test_a_failed_training_names_its_log_and_goes_on_from_its_checkpoint(package):
    (package / "fail").touch()
    made = run(package)
    with pytest.raises(RunError, match=r"fit .* failed; its messages are in .*log\.txt"):
        made.execute(1)
    assert "no memory" in (made.folder / "log.txt").read_text()
    (package / "fail").unlink()
    made.execute(1)
    resumed = f"--ckpt_path={made.folder}/stage1/checkpoints/last.ckpt"
    assert [resumed in words for words in calls(package)] == [False, True, False, False]


def test_another_command_does_not_go_on_from_an_interrupted_one(package):
    (package / "fail").touch()
    with pytest.raises(RunError):
        run(package).execute(1)
    (package / "fail").unlink()
    run(package, stages=[StageSettings("stage1", ["changed.yaml"])]).execute(1)
    assert not any(word.startswith("--ckpt_path") for word in calls(package)[1])


def test_a_path_to_start_from_may_name_the_seed(package):
    made = run(package, stages=[StageSettings("stage2", ["one.yaml"], start="runs/seed_{seed}/last.ckpt")])
    made.execute(1)
    assert "--model.init_args.initialise_from=runs/seed_3/last.ckpt" in calls(package)[0]


def test_shared_stages_are_trained_once_a_seed_and_variants_start_from_them(package):
    shared = [StageSettings("stage1", ["one.yaml"])]
    variants = [
        VariantSettings(name, [StageSettings("stage2", ["two.yaml"], ["--x={shared}/y"], "{shared}/stage1/last.ckpt")])
        for name in ("a", "b")
    ]
    study = StudySettings("t", variants, [5], shared=shared)
    runs = [Run(study, variant, 5, package / "out") for variant in (None, *variants)]
    for one in runs:
        one.execute(1)
    assert [words[0] for words in calls(package)] == ["fit", "fit", "test", "fit", "test"]
    folder = package / "out" / "shared" / "seed_5"
    assert {f"--x={folder}/y", f"--model.init_args.initialise_from={folder}/stage1/last.ckpt"} <= set(calls(package)[3])
    runs[0].execute(1)
    assert all(one.done for one in runs)
    shared[0].configs = ["changed.yaml"]
    runs[0].execute(1)
    assert [one.done for one in runs] == [True, False, False]
