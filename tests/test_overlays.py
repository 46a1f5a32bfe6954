"""Every overlay that changes the model, through the command line at a tiny size: it builds, trains and answers."""

from pathlib import Path

import pytest
import torch

from c2ser_lightning.cli import C2SERCLI
from c2ser_lightning.modules import ExplicitCoT
from tests.conftest import ROOT
from tests.tiny_runs import answers, cli, make_tiny


@pytest.fixture(scope="module")
def tiny(tmp_path_factory) -> Path:
    return make_tiny(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(autouse=True)
def _no_arguments_of_pytest(monkeypatch):
    monkeypatch.setattr("sys.argv", ["c2ser_lightning"])
    monkeypatch.chdir(ROOT)


def train_and_answer(files: list[str], tiny: Path, out: Path, *options: str) -> C2SERCLI:
    """One training step, then answers from its checkpoint."""
    fitted = cli("fit", files, tiny, out, "--model.init_args.initialise_from=null", *options)
    assert fitted.trainer.global_step == 1
    assert torch.isfinite(fitted.trainer.callback_metrics["train/loss"])
    options = (*options, f"--ckpt_path={out / 'checkpoints' / 'last.ckpt'}")
    cli("predict", files, tiny, out, "--model.init_args.initialise_from=null", *options)
    assert len(answers(out)) == 7
    return fitted


@pytest.mark.parametrize(
    ("overlay", "gone"), [("without_whisper", "whisper"), ("without_emotion2vec", "acoustic")], ids=["whisper", "e2v"]
)
def test_without_one_encoder(overlay, gone, tiny, tmp_path):
    fitted = train_and_answer(["stage2.yaml", f"ablation/{overlay}.yaml"], tiny, tmp_path)
    assert getattr(fitted.model.c2ser, gone) is None


@pytest.mark.parametrize("overlay", ["without_cot", "immediate_switch"])
def test_answers_are_implicit_from_the_first_step_on(overlay, tiny, tmp_path):
    fitted = train_and_answer(["stage2.yaml", f"ablation/{overlay}.yaml"], tiny, tmp_path)
    assert fitted.model.explicit_rows == [False] * 7
    kinds = [type(callback).__name__ for callback in fitted.trainer.callbacks]
    assert kinds.count("CoTCurriculum") == 1
    assert {"SeedEveryStep", "ModelCheckpoint", "EvaluationReport"} <= set(kinds)


def test_stage_2_alone_begins_with_explicit_answers(tiny, tmp_path):
    fitted = train_and_answer(["stage2.yaml"], tiny, tmp_path)
    assert fitted.model.explicit_rows == [True] * 7


def test_without_stage_2_the_test_asks_the_explicit_question(tiny, tmp_path):
    cli("fit", ["stage1.yaml"], tiny, tmp_path)
    files = ["eval_meld.yaml", "ablation/without_stage2.yaml"]
    best = f"--ckpt_path={tmp_path / 'checkpoints' / 'last.ckpt'}"
    tested = cli("predict", files, tiny, tmp_path, best, "--model.init_args.answering.max_new_tokens=2")
    assert isinstance(tested.model, ExplicitCoT)
    assert len(answers(tmp_path)) == 7


def test_the_released_variant(tiny, tmp_path):
    source = f"--model.init_args.language_model.source={tiny / 'lm'}"
    fitted = train_and_answer(["stage1.yaml", "model/released.yaml"], tiny, tmp_path, source)
    model = fitted.model.c2ser
    assert not model.acoustic.config.normalize
    assert model.pooling == "first_frames"
    trained = {
        name.rpartition("_proj")[0].rpartition(".")[2] for name in fitted.model.trained_names() if "lora" in name
    }
    assert trained == {"q", "k", "v", "o", "gate", "down"}
    assert [name for name in fitted.model.trained_names() if name.startswith("model.whisper")]
    turn = fitted.model.prompts.turn("explicit")
    assert turn.before.startswith("Please describe the speaking style, content, and the speaker's")
    assert (turn.after, turn.end) == ("", "<|endoftext|>")


def test_several_wordings_of_a_question(tiny, tmp_path):
    train_and_answer(["stage1.yaml", "prompts/paraphrases.yaml"], tiny, tmp_path)


MEMORY = ["memory/gradient_checkpointing", "memory/offload_activations", "memory/adamw8bit", "memory/paged_adamw8bit"]


@pytest.mark.parametrize("overlay", [*MEMORY, "backbone/nf4", "backbone/int8"])
@pytest.mark.filterwarnings("ignore:MatMul8bitLt")
def test_memory_overlays(overlay, tiny, tmp_path):
    fitted = train_and_answer(["stage1.yaml", f"{overlay}.yaml"], tiny, tmp_path)
    if overlay.startswith("backbone"):
        linear = fitted.model.c2ser.language_model._inner.model.layers[0].mlp.up_proj
        assert type(linear).__name__ == {"nf4": "Linear4bit", "int8": "Linear8bitLt"}[overlay.rpartition("/")[2]]
    weights = torch.load(tmp_path / "checkpoints" / "last.ckpt", weights_only=True)["state_dict"]
    assert not [name for name in weights if "absmax" in name or "SCB" in name or "base_layer" in name]
