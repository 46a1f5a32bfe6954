"""Every overlay that changes the model, through the command line at a tiny size: it builds, trains and answers."""

from pathlib import Path

import pytest
import torch

from c2ser_lightning.cli import C2SERCLI
from c2ser_lightning.modules import ExplicitCoT
from c2ser_lightning.modules.checkpointing import CheckpointError
from tests.conftest import ROOT
from tests.models.released_file import adapted_qwen2, released_weights, write_released
from tests.tiny_runs import answers, cli, make_tiny


@pytest.fixture(scope="module")
def tiny(tmp_path_factory) -> Path:
    return make_tiny(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(autouse=True)
def _no_arguments_of_pytest(monkeypatch):
    monkeypatch.setattr("sys.argv", ["c2ser_lightning"])
    monkeypatch.chdir(ROOT)


def train(files: list[str], tiny: Path, out: Path, *options: str) -> C2SERCLI:
    """One training step."""
    fitted = cli("fit", files, tiny, out, "--model.init_args.initialise_from=null", *options)
    assert fitted.trainer.global_step == 1
    assert torch.isfinite(fitted.trainer.callback_metrics["train/loss"])
    return fitted


def train_and_answer(files: list[str], tiny: Path, out: Path, *options: str) -> C2SERCLI:
    """One training step, then answers from its checkpoint."""
    fitted = train(files, tiny, out, *options)
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
    fitted = train(["stage2.yaml"], tiny, tmp_path)
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
    train(["stage1.yaml", "prompts/paraphrases.yaml"], tiny, tmp_path)


MEMORY = ["memory/gradient_checkpointing", "memory/offload_activations", "memory/adamw8bit", "memory/paged_adamw8bit"]


@pytest.mark.parametrize("overlay", [*MEMORY, "backbone/nf4", "backbone/int8"])
@pytest.mark.filterwarnings("ignore:MatMul8bitLt")
def test_memory_overlays(overlay, tiny, tmp_path):
    run = train_and_answer if overlay.startswith("backbone") else train
    fitted = run(["stage1.yaml", f"{overlay}.yaml"], tiny, tmp_path)
    if overlay.startswith("backbone"):
        linear = fitted.model.c2ser.language_model.causal.get_base_model().model.layers[0].mlp.up_proj
        assert type(linear).__name__ == {"nf4": "Linear4bit", "int8": "Linear8bitLt"}[overlay.rpartition("/")[2]]
    weights = torch.load(tmp_path / "checkpoints" / "last.ckpt", weights_only=True)["state_dict"]
    assert not [name for name in weights if "absmax" in name or "SCB" in name or "base_layer" in name]


def test_an_8_bit_optimizer_resumes_where_it_was(tiny, tmp_path):
    """Two epochs of one step at once, against one, a checkpoint and another one."""
    files = ["stage1.yaml", "memory/adamw8bit.yaml"]
    constant = ("--model.init_args.optimizer.schedule=constant", "--model.init_args.optimizer.warmup_ratio=0.0")
    two = ("--trainer.max_epochs=2", "--trainer.max_steps=-1", *constant)
    whole = cli("fit", files, tiny, tmp_path / "whole", *two)
    cli("fit", files, tiny, tmp_path / "half", *constant)
    last = tmp_path / "half" / "checkpoints" / "last.ckpt"
    resumed = cli("fit", files, tiny, tmp_path / "rest", f"--ckpt_path={last}", *two)
    assert whole.trainer.global_step == resumed.trainer.global_step == 2
    expected, trained = whole.model.state_dict(), whole.model.trained_names()
    for name, value in resumed.model.state_dict().items():
        if name in trained:
            assert torch.equal(value, expected[name]), name


def test_the_released_file_is_a_starting_point(tiny, tmp_path):
    """Heads are the configuration's, sizes the file's, and a checkpoint of the run needs the file again."""
    file = write_released(tmp_path / "C2SER_llm.pt", released_weights(adapted_qwen2(vocabulary=420)))
    sizes = ("--model.init_args.whisper.heads=4", "--model.init_args.language_model.heads=4")
    acoustic = "--model.init_args.acoustic.encoder.random_config.embed_dim=24"
    options = (*sizes, acoustic, f"--model.init_args.language_model.source={tiny / 'lm'}")
    files, start = ["stage1.yaml", "model/released.yaml"], f"--model.init_args.initialise_from={file}"
    fitted = cli("fit", files, tiny, tmp_path / "run", start, *options)
    assert fitted.model.c2ser.whisper.width == 32
    assert fitted.model.backbone_identities()["language_model"].startswith("C2SER_llm.pt@")
    last = f"--ckpt_path={tmp_path / 'run' / 'checkpoints' / 'last.ckpt'}"
    cli("predict", files, tiny, tmp_path / "run", start, last, *options)
    assert len(answers(tmp_path / "run")) == 7
    with pytest.raises(CheckpointError, match="does not fit"):
        cli("predict", files, tiny, tmp_path / "run", "--model.init_args.initialise_from=null", last, *options)
