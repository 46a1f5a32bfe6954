"""The whole way on a handful of utterances, through the commands: corpus, shards, three trainings, tests, report."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from c2ser_lightning.cli import main
from c2ser_lightning.models.emotion2vec.load import Emotion2VecSource, load_emotion2vec
from tests.commands import TINY_EMOTION2VEC, TINY_STAGE, lightning, python
from tests.conftest import ROOT
from tools.probe_groundedness import main as probe_groundedness
from tools.report import main as report

pytestmark = pytest.mark.slow
CONFIGS = ROOT / "configs"


class Work:
    """A folder with everything the runs share."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.shards, self.runs, self.backbones = folder / "shards", folder / "runs", folder / "backbones"
        self.tiny = folder / "tiny.yaml"
        self.tiny.write_text(TINY_STAGE)
        self.emotion2vec = folder / "emotion2vec.yaml"
        self.emotion2vec.write_text(TINY_EMOTION2VEC)

    def checkpoint(self, run: str) -> Path:
        return self.runs / run / "checkpoints" / "last.ckpt"

    def stage(self, number: int) -> list[Path]:
        return [CONFIGS / f"stage{number}.yaml", CONFIGS / "backbone" / "tiny.yaml", self.tiny]

    def options(self, run: str) -> list[str]:
        return [f"--run_dir={self.runs / run}", f"--data.init_args.shards={self.shards}"]

    def backbone_options(self) -> list[str]:
        return [
            f"--model.init_args.acoustic.encoder.checkpoint={self.checkpoint('emotion2vec_s')}",
            f"--model.init_args.language_model.source={self.backbones / 'language_model'}",
            f"--model.init_args.whisper.source={self.backbones / 'whisper'}",
        ]


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    made = Work(tmp_path_factory.mktemp("work"))
    corpus = made.folder / "corpus"
    python("-m", "tools.make_demo_corpus", "--out", corpus, "--utterances", 105)
    shards = ["--out", made.shards, "--pitch-hop-ms", 200, "--workers", 1]
    python("-m", "tools.make_shards", "--corpus", "demo", "--data", corpus, *shards)
    python("-m", "tools.make_tiny_backbones", "--shards", made.shards, "--out", made.backbones, "--steps", 10)
    configs = [CONFIGS / "emotion2vec_s.yaml", made.tiny, made.emotion2vec]
    lightning("fit", configs, *made.options("emotion2vec_s"), "--trainer.max_steps=3")
    return made


@pytest.fixture(scope="module")
def stage1(work):
    options = [*work.options("stage1"), *work.backbone_options()]
    lightning("fit", work.stage(1), *options, "--trainer.max_steps=3")
    lightning("test", work.stage(1), *options, f"--ckpt_path={work.checkpoint('stage1')}")
    return work.runs / "stage1"


def stage2_command(work: Work, run: str, verb: str = "fit") -> list[str]:
    files = [part for file in work.stage(2) for part in ("--config", str(file))]
    start = [f"--model.init_args.initialise_from={work.checkpoint('stage1') if verb == 'fit' else 'null'}"]
    return [verb, *files, *work.options(run), *work.backbone_options(), *start]


@pytest.fixture(scope="module")
def stage2(work, stage1):
    python("-m", "c2ser_lightning", *stage2_command(work, "stage2"))
    python("-m", "c2ser_lightning", *stage2_command(work, "stage2", "test"), f"--ckpt_path={work.checkpoint('stage2')}")
    return work.runs / "stage2"


@pytest.fixture
def here(monkeypatch):
    """The command line in this process: what only asks a trained system need not import everything again."""
    monkeypatch.setattr("sys.argv", ["c2ser_lightning"])
    monkeypatch.chdir(ROOT)
    return lambda command, *options: main([*command, *map(str, options), "--data.init_args.loader.workers=0"])


def test_a_test_writes_metrics_predictions_and_page(stage1, stage2):
    for folder in (stage1, stage2):
        metrics = json.loads((folder / "metrics.json").read_text())
        keys = {"wa", "ua", "macro_f1", "per_class", "confusion", "unparsed_rate", "n", "ci95"}
        assert keys <= metrics.keys()
        assert metrics["n"] == 21
        assert metrics["synthetic"]
        assert len((folder / "predictions.jsonl").read_text().splitlines()) == 21
        assert "data:audio/flac;base64," in (folder / "report.html").read_text()


def test_checkpoints_hold_trained_weights_only(stage2, work):
    checkpoint = torch.load(work.checkpoint("stage2"), weights_only=True)
    names = checkpoint["state_dict"].keys()
    assert not [name for name in names if "base_layer" in name or "embed_tokens" in name or ".acoustic." in name]
    assert [name for name in names if "lora_A" in name]
    assert set(checkpoint["backbones"]) == {"language_model", "whisper", "emotion2vec_s"}


def test_one_page_shows_both_systems(stage1, stage2, tmp_path, capsys):
    page = tmp_path / "page.html"
    report([f"explicit={stage1}", f"implicit={stage2}", "--out", str(page)])
    printed = capsys.readouterr().out
    assert "explicit" in printed
    assert "chance level" in printed
    text = page.read_text()
    assert text.count('class="matrix"') == 2
    assert "synthetic" in text


def test_a_trained_system_is_probed(stage1, work, capsys, monkeypatch):
    monkeypatch.setattr("sys.argv", ["probe_groundedness"])
    files = [part for file in work.stage(1) for part in ("--config", str(file))]
    weights = f"--ckpt_path={work.checkpoint('stage1')}"
    probe_groundedness([*files, *work.options("stage1"), *work.backbone_options(), weights, "--utterances", "6"])
    report = json.loads((stage1 / "probes.json").read_text())
    assert report["utterances"] == report["as_recorded"]["n"] >= 6
    assert [row["n"] for row in report["probes"]] == 9 * [report["utterances"]]
    assert report["as_recorded"]["emotion_changed"] == 0
    assert "silence" in capsys.readouterr().out


def test_scored_labels_give_probabilities(stage2, work, here):
    command = stage2_command(work, "scored", "test")
    here(command, f"--ckpt_path={work.checkpoint('stage2')}", "--model.init_args.answering.method=score")
    rows = map(json.loads, (work.runs / "scored" / "predictions.jsonl").read_text().splitlines())
    for row in rows:
        assert sum(row["probabilities"].values()) == pytest.approx(1.0, abs=1e-4)
        assert row["predicted"] == max(row["probabilities"], key=row["probabilities"].get)


def test_predict_writes_answers(stage2, work, here):
    here(stage2_command(work, "predicted", "predict"), f"--ckpt_path={work.checkpoint('stage2')}")
    assert len((work.runs / "predicted" / "predictions.jsonl").read_text().splitlines()) == 21


def test_two_gloo_processes_fit_and_test_every_utterance_once(stage1, work, here):
    distributed = ["--config", str(CONFIGS / "strategy" / "ddp_cpu.yaml")]
    command = stage2_command(work, "ddp")
    python("-m", "c2ser_lightning", *command, *distributed, "--trainer.max_steps=2")
    test = stage2_command(work, "ddp", "test")
    python("-m", "c2ser_lightning", *test, *distributed, f"--ckpt_path={work.checkpoint('ddp')}")
    both = json.loads((work.runs / "ddp" / "metrics.json").read_text())
    keys = [json.loads(line)["key"] for line in (work.runs / "ddp" / "predictions.jsonl").read_text().splitlines()]
    assert len(keys) == len(set(keys)) == both["n"] == 21
    here(stage2_command(work, "single", "test"), f"--ckpt_path={work.checkpoint('ddp')}")
    alone = json.loads((work.runs / "single" / "metrics.json").read_text())
    assert both["confusion"] == alone["confusion"]
    assert both["ci95"] == alone["ci95"]


def test_emotion2vec_s_trains_on_two_gloo_processes(work):
    """Uneven rows, a gathered category loss and a shared queue, through the trainer."""
    configs = [CONFIGS / "emotion2vec_s.yaml", work.tiny, work.emotion2vec, CONFIGS / "strategy" / "ddp_cpu.yaml"]
    contrast = "--model.init_args.objective.contrast.queue=2"
    lightning("fit", configs, *work.options("emotion2vec_ddp"), "--trainer.max_steps=3", contrast)
    checkpoint = torch.load(work.checkpoint("emotion2vec_ddp"), weights_only=True)
    assert checkpoint["global_step"] == 3
    # three steps of two ranks: more than either rank has seen alone
    assert checkpoint["state_dict"]["category_loss.queue.filled"].sum() == 14
    assert (
        load_emotion2vec(Emotion2VecSource(checkpoint=str(work.checkpoint("emotion2vec_ddp")))).config.embed_dim == 32
    )


def test_a_killed_run_resumes_to_the_same_weights(stage1, work):
    """SIGKILL in mid-epoch, then resume: data order, curriculum, dropout and optimizer go on where they were."""
    overlay = work.folder / "every_step.yaml"
    overlay.write_text(
        "trainer:\n  max_epochs: 2\n  num_sanity_val_steps: 0\n  limit_val_batches: 0\n  callbacks:\n"
        "    - class_path: c2ser_lightning.callbacks.SeedEveryStep\n"
        "    - class_path: c2ser_lightning.callbacks.CoTCurriculum\n"
        "    - class_path: lightning.pytorch.callbacks.ModelCheckpoint\n"
        "      init_args: {every_n_train_steps: 1, save_last: true, save_top_k: -1, filename: '{step}'}\n"
    )
    extra = ["--config", str(overlay)]
    python("-m", "c2ser_lightning", *stage2_command(work, "whole"), *extra)
    _kill_after(work, 5, [*stage2_command(work, "killed"), *extra])
    checkpoints = sorted(
        (work.runs / "killed" / "checkpoints").glob("step=*.ckpt"), key=lambda path: path.stat().st_mtime
    )
    resumed = stage2_command(work, "resumed")
    python("-m", "c2ser_lightning", *resumed, *extra, f"--ckpt_path={checkpoints[-2]}")
    whole, again = (torch.load(work.checkpoint(run), weights_only=True) for run in ("whole", "resumed"))
    assert whole["global_step"] == again["global_step"] > 8
    for name, weight in whole["state_dict"].items():
        torch.testing.assert_close(again["state_dict"][name], weight, atol=0, rtol=0, msg=name)


def _kill_after(work: Work, steps: int, command: list[str]) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    process = subprocess.Popen(
        [sys.executable, "-m", "c2ser_lightning", *command],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    deadline = time.monotonic() + 120
    folder = work.runs / "killed" / "checkpoints"
    while len(list(folder.glob("step=*.ckpt"))) < steps:
        assert process.poll() is None, "the run ended before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def test_a_damaged_shard_costs_its_own_utterances_only(stage2, work, tmp_path):
    copy = tmp_path / "shards"
    copy.mkdir()
    for file in work.shards.iterdir():
        (copy / file.name).write_bytes(file.read_bytes())
    tar = copy / "test-000000.tar"
    data = bytearray(tar.read_bytes())
    middle = len(data) // 2 // 512 * 512
    data[middle : middle + 20_000] = b"\xff" * 20_000
    tar.write_bytes(bytes(data))
    command = [*stage2_command(work, "damaged", "test"), f"--data.init_args.shards={copy}"]
    done = python("-m", "c2ser_lightning", *command, f"--ckpt_path={work.checkpoint('stage2')}")
    metrics = json.loads((work.runs / "damaged" / "metrics.json").read_text())
    assert 18 <= metrics["n"] <= 20
    ledger = (work.runs / "damaged" / "ledger-test.jsonl").read_text().splitlines()
    assert metrics["n"] + len(ledger) == 21
    assert "left out" in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("--model.init_args.whisper.source=./nowhere", "no such folder: ./nowhere"),
        ("--model.init_args.initialise_from=nowhere.ckpt", "train that stage first"),
    ],
)
def test_errors_for_people_name_what_is_missing(work, here, capsys, option, message):
    with pytest.raises(SystemExit, match=f"error: .*{re.escape(message)}"):  # a text: printed, with exit status 1
        here(stage2_command(work, "wrong", "test"), option)
    assert "Traceback" not in capsys.readouterr().err


def test_errors_for_people_have_no_traceback(work):
    command = [*stage2_command(work, "wrong", "test"), "--data.init_args.shards=nowhere"]
    done = python("-m", "c2ser_lightning", *command, check=False)
    assert done.returncode == 1
    assert "no shard folder nowhere; build it with: make shards" in done.stderr
    assert "Traceback" not in done.stderr
