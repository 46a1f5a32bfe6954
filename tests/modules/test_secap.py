"""SECap through the command line at a tiny size: stage 1, stage 2 from it, resume, and a test set's own config."""

from pathlib import Path

import pytest
import torch
import yaml

from c2ser_lightning.cli import C2SERCLI, run
from c2ser_lightning.data.batch import Batch
from c2ser_lightning.models.backbone import BackboneError
from c2ser_lightning.models.language_model import LanguageModelSettings
from c2ser_lightning.models.secap.hubert import HubertSettings
from c2ser_lightning.models.secap.qformer import QFormerSettings
from c2ser_lightning.modules import SECap, SECapAlignment
from c2ser_lightning.modules.answering import AnsweringSettings
from c2ser_lightning.modules.checkpointing import CheckpointError
from c2ser_lightning.modules.optimization import OptimizerConfig
from c2ser_lightning.modules.secap import AlignmentConfig
from c2ser_lightning.text.prompts import PromptSettings
from tests.conftest import ROOT
from tests.shards import write_split
from tests.tiny import batch, hubert_folder, llama_folder
from tests.tiny_runs import CONFIGS, TEXTS, TRAINER, answers

SECONDS = [0.9, 0.6, 0.7, 0.5, 0.8, 0.6, 0.4]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory) -> Path:
    """Shards, backbones, and an overlay for each stage."""
    folder = tmp_path_factory.mktemp("tiny")
    for split in ("train", "dev", "test"):
        write_split(folder / "shards", split, SECONDS)
    hubert_folder(folder / "hubert")
    llama_folder(folder / "llama", TEXTS)
    shared = {
        "hubert": {"source": str(folder / "hubert")},
        "qformer": {"source": None, "queries": 4, "width": 32, "layers": 2, "heads": 4, "ffn": 64},
    }
    own = {
        "stage1": {"tokenizer": str(folder / "llama"), "objective": {"estimator_hidden": 16}},
        "stage2": {
            "language_model": {"source": str(folder / "llama"), "dtype": "float32"},
            "answering": {"max_new_tokens": 3, "beams": 1},
        },
    }
    data = {"shards": str(folder / "shards"), "batch": {"max_seconds": 9.0, "max_utterances": 7}}
    for stage, settings in own.items():
        content = {
            "trainer": TRAINER,
            "model": {"init_args": {**shared, **settings}},
            "data": {"init_args": {**data, "loader": {"workers": 0}}},
        }
        (folder / f"{stage}.yaml").write_text(yaml.safe_dump(content))
    return folder


@pytest.fixture(autouse=True)
def _at_home(monkeypatch):
    monkeypatch.setattr("sys.argv", ["c2ser_lightning"])
    monkeypatch.chdir(ROOT)


def command(verb: str, stage: str, tiny: Path, out: Path, *options: str, files: tuple[str, ...] = ()) -> C2SERCLI:
    chosen = [CONFIGS / file for file in files or (f"compare/secap_{stage}.yaml",)]
    arguments = [part for file in (*chosen, tiny / f"{stage}.yaml") for part in ("--config", str(file))]
    return run([verb, *arguments, f"--run_dir={out}", *options])


def last(out: Path) -> Path:
    return out / "checkpoints" / "last.ckpt"


@pytest.fixture(scope="module")
def stage1(tiny, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("stage1")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", ["c2ser_lightning"])
        patch.chdir(ROOT)
        command("fit", "stage1", tiny, out, "--data.init_args.by_class.per_class=1")
    return out


def start(stage1: Path) -> str:
    return f"--model.init_args.initialise_from={last(stage1)}"


@pytest.mark.slow
def test_from_stage_1_over_stage_2_to_the_test(stage1, tiny, tmp_path):
    before = torch.load(last(stage1), weights_only=True)["state_dict"]
    fitted = command("fit", "stage2", tiny, tmp_path, start(stage1), "--model.init_args.optimizer.learning_rate=0.0")
    assert torch.isfinite(fitted.trainer.callback_metrics["train/loss"])
    checkpoint = torch.load(last(tmp_path), weights_only=True)
    weights = checkpoint["state_dict"]
    taken = [name for name in weights if name in before]
    assert all(torch.equal(weights[name], before[name]) for name in taken)
    assert {name for name in weights if name not in before} == {"model.projection.weight", "model.projection.bias"}
    assert not [name for name in weights if "hubert" in name or "language_model" in name]
    assert not [name for name in weights if "words" in name or (".output.dense" in name and "attention" not in name)]
    assert set(checkpoint["backbones"]) == {"hubert", "language_model"}
    tested = command(
        "test",
        "stage2",
        tiny,
        tmp_path / "tested",
        f"--ckpt_path={last(tmp_path)}",
        files=("eval_meld.yaml", "compare/secap.yaml"),
    )
    assert isinstance(tested.model, SECap)
    rows = answers(tmp_path / "tested")
    assert len(rows) == 7
    assert all("word" not in row["reference"] for row in rows)
    assert rows[0]["reference"].startswith("The speaker spoke at a fast pace. The emotion was inferred to be")
    assert (tmp_path / "tested" / "metrics.json").is_file()
    assert [type(callback).__name__ for callback in tested.trainer.callbacks].count("EvaluationReport") == 1


@pytest.mark.parametrize("stage", ["stage1", "stage2"])
def test_a_resumed_run_is_the_undisturbed_one(stage, tiny, tmp_path):
    """Two epochs of one step at once, against one, a checkpoint and another one."""
    extra = {
        "stage1": ("--data.init_args.by_class.per_class=1",),
        "stage2": ("--model.init_args.initialise_from=null",),
    }
    two = ("--trainer.max_epochs=2", "--trainer.max_steps=-1", *extra[stage])
    whole = command("fit", stage, tiny, tmp_path / "whole", *two)
    command("fit", stage, tiny, tmp_path / "half", *extra[stage])
    resumed = command("fit", stage, tiny, tmp_path / "rest", f"--ckpt_path={last(tmp_path / 'half')}", *two)
    assert whole.trainer.global_step == resumed.trainer.global_step == 2
    expected, trained = whole.model.state_dict(), whole.model.trained_names()
    assert trained
    for name, value in resumed.model.state_dict().items():
        if name in trained:
            assert torch.equal(value, expected[name]), name


def built(tiny: Path, kind: type, **changes):
    """A module of the tiny overlay's sizes, with other settings where asked for."""
    hubert = HubertSettings(source=str(changes.pop("hubert", tiny / "hubert")))
    sizes = {"queries": 4, "width": 32, "layers": changes.pop("layers", 2), "heads": 4, "ffn": 64}
    qformer = QFormerSettings(**sizes, dropout=changes.pop("dropout", 0.1))
    torch.manual_seed(0)
    if kind is SECapAlignment:
        objective = AlignmentConfig(estimator_hidden=16)
        module = kind(hubert, qformer, objective, OptimizerConfig(), tokenizer=str(tiny / "llama"), cache_megabytes=9)
    else:
        language_model = LanguageModelSettings(source=str(tiny / "llama"), dtype="float32", lora=None)
        prompts = PromptSettings(layout="speech_first")
        module = kind(hubert, qformer, language_model, prompts, OptimizerConfig(), AnsweringSettings(), **changes)
    module.configure_model()
    return module


def spoken(*seconds: float, **changes: object) -> Batch:
    return batch(list(seconds), **changes)


def test_transcripts_are_left_out_of_the_gradient_of_the_text_half(tiny):
    module = built(tiny, SECapAlignment).eval()
    losses = module.objectives(spoken(*SECONDS), across_ranks=False)
    losses.mutual_information.backward()
    model = module.alignment
    assert model.bridge.qformer.words.word_embeddings.weight.grad is None
    assert model.bridge.qformer.queries.grad.abs().sum() > 0
    assert all(weight.grad is None for weight in module.estimator.parameters())


def test_captions_hold_no_transcript_in_stage_1(tiny):
    """The same style with other words said: the same loss, but another bound."""
    module = built(tiny, SECapAlignment).eval()
    texts = [{"transcript": said, "explicit": f'Spoken fast: "{said}". Anger.'} for said in ("word one", "fast one")]
    found = [module.objectives(spoken(*SECONDS, **text), across_ranks=False) for text in texts]
    assert found[0].contrast.item() == pytest.approx(found[1].contrast.item())
    assert found[0].estimation.item() != pytest.approx(found[1].estimation.item(), abs=1e-4)


def test_without_transcripts_only_captions_count_and_without_texts_the_key_is_named(tiny):
    module = built(tiny, SECapAlignment)
    losses = module.objectives(spoken(0.5, 0.6, transcript=" "), across_ranks=False)
    assert losses.mutual_information.item() == losses.estimation.item() == 0
    assert losses.contrast.item() > 0
    with pytest.raises(ValueError, match=r"utt000 of toy has no explicit text"):
        module.objectives(spoken(0.5, explicit=None), across_ranks=False)


@pytest.mark.parametrize("kind", [SECapAlignment, SECap])
def test_an_empty_batch_gives_every_trained_weight_a_gradient(kind, tiny):
    module = built(tiny, kind)
    loss = module.training_step(spoken(), 0)
    assert loss.item() == 0
    loss.backward()
    assert all(weight.grad is not None for weight in module.parameters() if weight.requires_grad)


def test_stage_1_learns_a_handful_of_utterances(tiny):
    module, clips = built(tiny, SECapAlignment, dropout=0.0).train(), spoken(*SECONDS)
    weights = [weight for weight in module.parameters() if weight.requires_grad]
    frozen = {name: value.clone() for name, value in module.state_dict().items() if "hubert" in name}
    optimizer, totals = torch.optim.AdamW(weights, lr=5e-3), []
    for _ in range(100):  # flat at first, while all vectors are alike
        losses = module.objectives(clips, across_ranks=False)
        optimizer.zero_grad()
        (losses.total(module.objective) + losses.estimation).backward()
        optimizer.step()
        totals.append(losses.total(module.objective).item())
    assert sum(totals[-5:]) < 0.5 * sum(totals[:5])
    state = module.state_dict()
    assert all(torch.equal(state[name], value) for name, value in frozen.items())


def test_implicit_answers_are_trained_and_scored(tiny):
    module = built(tiny, SECap, mode="implicit")
    module.answering.method = "score"
    predictions = module.eval().recognize(spoken(0.5, 0.6), ("anger", "fear"))
    assert {prediction.predicted for prediction in predictions} <= {"anger", "fear"}
    assert predictions[0].reference == "This speech conveys anger."


def test_another_hubert_than_stage_1_had_is_refused(stage1, tiny, tmp_path):
    torch.manual_seed(5)
    other = hubert_folder(tmp_path / "hubert")
    with pytest.raises(CheckpointError, match=r"wrong backbone.*hubert.*model\.init_args\.hubert\.source"):
        built(tiny, SECap, initialise_from=str(last(stage1)), hubert=other)


def test_a_bridge_of_another_size_is_refused(stage1, tiny):
    with pytest.raises(CheckpointError, match="does not fit"):
        built(tiny, SECap, initialise_from=str(last(stage1)), layers=3)


def test_sharding_is_refused(tiny):
    module = built(tiny, SECap)
    module.model, module._device_mesh = None, object()
    with pytest.raises(BackboneError, match=r"strategy/ddp\.yaml"):
        module.configure_model()
