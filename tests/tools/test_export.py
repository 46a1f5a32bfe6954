"""A run becomes plain folders and comes back: the same losses and answers, from files that other tools read."""

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM, AutoTokenizer

from c2ser_lightning.inference.run import build_module, read_config
from c2ser_lightning.modules.checkpointing import CheckpointError
from tests.conftest import ROOT
from tests.tiny import batch
from tests.tiny_runs import answers, cli, make_tiny
from tools import export
from tools.exporting.run import read_run

TESTED = {
    "name": "implicit", "corpus": "toy", "synthetic": True, "date": "2026-11-21", "n": 7, "wa": 0.5, "ua": 0.25,
    "macro_f1": 0.125, "unparsed_rate": 0.0, "ci95": {"wa": [0.4, 0.6], "ua": [0.2, 0.3], "macro_f1": [0.1, 0.2]},
}  # fmt: skip


@pytest.fixture(scope="module")
def tiny(tmp_path_factory) -> Path:
    return make_tiny(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="module")
def trained(tiny, tmp_path_factory) -> Path:
    """A stage-2 run with a trained Whisper whose LoRA matrices do something."""
    folder = tmp_path_factory.mktemp("run")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", ["c2ser_lightning"])
        patch.chdir(ROOT)
        options = ("--model.init_args.whisper.trainable=true", "--model.init_args.initialise_from=null")
        cli("fit", ["stage2.yaml"], tiny, folder, *options)
    path = folder / "checkpoints" / "last.ckpt"
    checkpoint = torch.load(path, weights_only=True)
    for name, value in checkpoint["state_dict"].items():
        if "lora_B" in name:
            torch.nn.init.normal_(value, std=0.1)
    torch.save(checkpoint, path)
    (folder / "metrics.json").write_text(json.dumps(TESTED))
    return folder


@pytest.fixture(scope="module")
def exported(trained, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("exported") / "c2ser-toy"
    export.main(["--run", str(trained), "--out", str(out)])
    return out


@pytest.fixture(autouse=True)
def _no_arguments_of_pytest(monkeypatch):
    monkeypatch.setattr("sys.argv", ["c2ser_lightning"])
    monkeypatch.chdir(ROOT)


@torch.no_grad()
def test_answers_and_losses_are_the_same_before_and_after(trained, exported):
    before = read_run(trained, None).module
    after = build_module(read_config(exported / "c2ser.yaml"))
    assert not [name for name, _ in after.named_parameters() if "lora" in name]
    sound = batch([0.9, 0.6, 0.8])
    losses = [module._loss(sound, ["implicit"] * 3).loss for module in (before, after)]
    torch.testing.assert_close(*losses, atol=1e-5, rtol=0)
    scores = [module.scores(sound, ("anger", "fear", "neutral")) for module in (before, after)]
    torch.testing.assert_close(*scores, atol=1e-4, rtol=0)
    assert before.answers(sound) == after.answers(sound)


def test_the_folder_is_one_that_transformers_reads(exported):
    model = AutoModelForCausalLM.from_pretrained(exported)
    tokenizer = AutoTokenizer.from_pretrained(exported)
    assert model(**tokenizer("anger", return_tensors="pt")).logits.isfinite().all()
    assert not list(exported.glob("*.bin"))
    assert set(load_file(exported / "connector" / "trained.safetensors")) >= {
        "model.speech_marks",
        "model.connector.output.weight",
    }


def test_the_card_is_read_from_the_run(exported):
    card = (exported / "README.md").read_text()
    assert card.startswith("---\nlibrary_name")
    assert "# c2ser-toy" in card
    assert "C2SER, stage 2" in card
    assert "| toy (synthetic speech) | 7 | 0.500 (0.400 to 0.600) | 0.250 (0.200 to 0.300) | 0.125" in card
    assert "rank 8, alpha 32" in card
    assert "learning rate 5e-05" in card
    assert "`shards` (its info.json was not at hand" in card


def test_it_answers_and_trains_on_through_the_command_line(exported, tiny, tmp_path):
    files = ["stage2.yaml", str(exported / "c2ser.yaml")]
    cli("predict", files, tiny, tmp_path)
    assert len(answers(tmp_path)) == 7
    again = cli("fit", files, tiny, tmp_path, "--model.init_args.language_model.lora={}")
    assert again.trainer.global_step == 1
    assert [name for name in again.model.trained_names() if "lora_A" in name]


def test_another_language_model_behind_the_exported_weights_is_refused(exported, tiny):
    config = read_config(exported / "c2ser.yaml")
    config["model"]["init_args"]["language_model"]["source"] = str(tiny / "lm")
    with pytest.raises(
        CheckpointError, match=r"wrong backbone.*was trained on language_model c2ser-toy@\w+, but this run uses lm@"
    ):
        build_module(config)


def test_what_cannot_be_exported_is_named(trained, exported, tmp_path, capsys):
    for arguments, message in (
        (["--run", str(tmp_path), "--out", str(tmp_path / "new")], "no .*config.yaml"),
        (["--run", str(trained), "--out", str(exported)], "is not empty"),
        (["--run", str(trained), "--out", str(tmp_path / "new"), "--tested", str(tmp_path)], "no metrics.json"),
        (["--run", str(trained), "--out", str(tmp_path / "new"), "--checkpoint", "none.ckpt"], "no such checkpoint"),
    ):
        with pytest.raises(SystemExit, match=message):
            export.main(arguments)
    assert not (tmp_path / "new").exists()
