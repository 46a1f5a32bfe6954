"""Every shipped YAML is parsed and instantiated by the real command line, without loading any weights."""

from pathlib import Path

import pytest
import yaml

from c2ser_lightning import comparison
from c2ser_lightning.callbacks import EvaluationReport
from c2ser_lightning.cli import C2SERCLI, run
from c2ser_lightning.modules import Emotion2VecS, EmotionProbe, ExplicitCoT, ImplicitCoT, SECap, SECapAlignment
from c2ser_lightning.text.prompts import EXPLICIT_PROMPT, IMPLICIT_PROMPT
from tests.conftest import ROOT
from tools import probe_table

CONFIGS = ROOT / "configs"
EVALUATIONS = sorted(path.name for path in CONFIGS.glob("eval_*.yaml"))
FOLDERS = ("ablation", "imbalance", "memory", "prompts")
OVERLAYS = [
    *sorted(path.relative_to(CONFIGS).as_posix() for folder in FOLDERS for path in (CONFIGS / folder).glob("*.yaml")),
    "backbone/int8.yaml",
    "backbone/nf4.yaml",
    "model/released.yaml",
]
SYSTEMS = {
    "cascade": comparison.CascadeRecognizer,
    "emotion2vec_plus": comparison.Emotion2VecPlusRecognizer,
    "qwen2_audio": comparison.Qwen2AudioRecognizer,
    "sense_voice": comparison.SenseVoiceRecognizer,
    "ssl_probe": comparison.SSLProbeRecognizer,
}
OVERLAYS.remove("ablation/without_stage2.yaml")
COMBINATIONS = [
    ("fit", ["emotion2vec_s.yaml"], Emotion2VecS),
    ("fit", ["emotion2vec_s.yaml", "demo/emotion2vec_s.yaml"], Emotion2VecS),
    ("fit", ["probe.yaml"], EmotionProbe),
    ("fit", ["emotion2vec_s.yaml", "demo/emotion2vec_s.yaml", "demo/category_weight.yaml"], Emotion2VecS),
    ("fit", ["probe.yaml", "demo/probe.yaml"], EmotionProbe),
    ("fit", ["stage1.yaml"], ExplicitCoT),
    ("fit", ["stage1.yaml", "backbone/tiny.yaml", "demo/stage1.yaml"], ExplicitCoT),
    ("fit", ["stage1.yaml", "backbone/tiny.yaml", "demo/stage1.yaml", "demo/pretrained_whisper.yaml"], ExplicitCoT),
    ("fit", ["stage2.yaml"], ImplicitCoT),
    ("fit", ["stage2.yaml", "backbone/tiny.yaml", "demo/stage2.yaml"], ImplicitCoT),
    ("fit", ["stage2.yaml", "finetune_meld.yaml"], ImplicitCoT),
    ("fit", ["stage2.yaml", "strategy/ddp.yaml"], ImplicitCoT),
    ("fit", ["stage2.yaml", "strategy/ddp_cpu.yaml"], ImplicitCoT),
    ("fit", ["stage2.yaml", "strategy/fsdp2.yaml"], ImplicitCoT),
    ("fit", ["stage2.yaml", "strategy/fsdp2_cpu.yaml"], ImplicitCoT),
    *[("test", [name], ImplicitCoT) for name in EVALUATIONS],
    ("test", ["eval_meld.yaml", "ablation/without_stage2.yaml"], ExplicitCoT),
    *[("fit", ["stage2.yaml", overlay], ImplicitCoT) for overlay in OVERLAYS],
    ("fit", ["compare/secap_stage1.yaml"], SECapAlignment),
    ("fit", ["compare/secap_stage1.yaml", "compare/secap_demo_stage1.yaml"], SECapAlignment),
    ("fit", ["compare/secap_stage2.yaml"], SECap),
    ("fit", ["compare/secap_stage2.yaml", "compare/secap_demo_stage2.yaml"], SECap),
    ("test", ["eval_meld.yaml", "compare/secap.yaml"], SECap),
    ("test", ["eval_casia.yaml", "compare/secap.yaml"], SECap),
    *[("test", ["eval_meld.yaml", f"compare/{system}.yaml"], kind) for system, kind in SYSTEMS.items()],
    *[
        ("test", ["eval_meld.yaml", f"compare/{name}.yaml", f"compare/wordings_{name}.yaml"], SYSTEMS[name])
        for name in ("qwen2_audio", "cascade")
    ],
    ("fit", ["probe.yaml", "compare/ssl_probe.yaml"], comparison.SSLProbeRecognizer),
]

DEEPSPEED = ["strategy/deepspeed_zero2.yaml", "strategy/deepspeed_zero3.yaml"]


def parse(verb: str, files: list[str], *options: str, monkeypatch) -> C2SERCLI:
    monkeypatch.chdir(ROOT)
    arguments = [part for file in files for part in ("--config", str(CONFIGS / file))]
    monkeypatch.setattr("sys.argv", ["c2ser_lightning"])
    monkeypatch.setattr(C2SERCLI, "_run_subcommand", lambda cli, subcommand: None)
    return run([verb, *arguments, "--trainer.accelerator=cpu", "--trainer.precision=32-true", *options])


@pytest.mark.parametrize(
    ("verb", "files", "module"), COMBINATIONS, ids=lambda value: "+".join(value) if isinstance(value, list) else None
)
def test_shipped_yaml_instantiates(verb, files, module, monkeypatch):
    assert isinstance(parse(verb, files, monkeypatch=monkeypatch).model, module)


@pytest.mark.parametrize("overlay", DEEPSPEED)
def test_deepspeed_overlays_are_understood(overlay, monkeypatch, capsys):
    """Lightning builds this strategy on CUDA only, so the parser is as far as a CPU goes."""
    with pytest.raises(SystemExit) as stopped:
        parse("fit", ["stage2.yaml", overlay], "--print_config", monkeypatch=monkeypatch)
    assert stopped.value.code in (0, None)
    strategy = yaml.safe_load(capsys.readouterr().out)["trainer"]["strategy"]
    assert strategy["class_path"].endswith("DeepSpeedStrategy")
    assert strategy["init_args"]["stage"] == int(overlay[-6])
    assert strategy["init_args"]["exclude_frozen_parameters"]


def test_every_shipped_yaml_is_in_the_list_above():
    used = {file for _, files, _ in COMBINATIONS for file in files} | {"model/c2ser_implicit.yaml", "probe_table.yaml"}
    used |= set(DEEPSPEED)
    shipped = {path.relative_to(CONFIGS).as_posix() for path in CONFIGS.rglob("*.yaml") if path.parent.name != "study"}
    assert shipped == used  # studies: tests/tools/test_run_study.py


def test_the_probing_table_is_the_papers_protocol(monkeypatch):
    monkeypatch.chdir(ROOT)
    table = probe_table.parse(["--config", str(CONFIGS / "probe_table.yaml")])
    assert (table.protocol.learning_rates, table.protocol.hidden) == ([1e-3, 1e-4], [128, 256])
    assert table.protocol.validation_share == 0.2
    assert {source.kind for source in table.upstreams} > {"emotion2vec", "wavlm", "hubert", "wav2vec2", "data2vec"}
    assert table.corpora[0].folds == "leave_one_session_out"


@pytest.mark.parametrize("name", EVALUATIONS)
def test_a_comparison_system_leaves_nothing_of_the_tested_c2ser(name, monkeypatch):
    ours = yaml.safe_load((CONFIGS / name).read_text())["data"]["init_args"]
    theirs = parse("test", [name, "compare/qwen2_audio.yaml"], monkeypatch=monkeypatch)
    assert theirs._get(theirs.config, "ckpt_path") is None
    assert theirs._get(theirs.config, "run_dir") == "runs/compare/qwen2_audio"
    reports = [callback.name for callback in theirs.trainer.callbacks if isinstance(callback, EvaluationReport)]
    assert reports == ["Qwen2-Audio"]
    assert theirs.datamodule.filters.max_seconds == ours["filters"]["max_seconds"] == 30.0
    assert theirs.datamodule.emotions == tuple(ours["emotions"])
    assert theirs.datamodule.folders == [Path(ours["shards"])]


def test_nine_test_sets_with_the_label_sets_of_the_paper(monkeypatch):
    assert len(EVALUATIONS) == 9
    sizes = {name: len(parse("test", [name], monkeypatch=monkeypatch).datamodule.emotions) for name in EVALUATIONS}
    expected = {"casia": 6, "m3ed": 7, "meld": 7, "emovdb": 4, "esd": 5, "asvp_esd": 5, "emovo": 7, "mesd": 6}
    assert sizes == {f"eval_{name}.yaml": count for name, count in {**expected, "emo_emilia": 7}.items()}


def test_paper_values(monkeypatch):
    stage2 = parse("fit", ["stage2.yaml"], monkeypatch=monkeypatch).model
    assert (stage2.connector_settings.layers, stage2.connector_settings.ffn) == (4, 2560)
    lora = stage2.language_model_settings.lora
    assert (lora.rank, lora.alpha, lora.dropout) == (8, 32, 0.1)
    optimizer = stage2.optimizer_config
    assert (optimizer.learning_rate, optimizer.betas, optimizer.weight_decay) == (5e-5, (0.9, 0.99), 0.01)
    assert optimizer.warmup_ratio == 0.15
    assert (stage2.whisper.source, stage2.language_model_settings.source) == (
        "openai/whisper-medium",
        "Qwen/Qwen2-7B-Instruct",
    )
    emotion2vec = parse("fit", ["emotion2vec_s.yaml"], monkeypatch=monkeypatch)
    assert (emotion2vec.model.objective.utterance, emotion2vec.model.objective.category) == (0.1, 100.0)
    assert emotion2vec.trainer.accumulate_grad_batches == 2
    assert emotion2vec.model.optimizer_config.learning_rate == 7.5e-5


def test_both_stages_and_the_tests_share_the_papers_model(monkeypatch):
    """One set of values in three files: they must not drift apart."""
    stage1, stage2 = (parse("fit", [f"stage{number}.yaml"], monkeypatch=monkeypatch).model for number in (1, 2))
    tested = parse("test", ["eval_meld.yaml"], monkeypatch=monkeypatch).model
    for name in ("whisper", "acoustic", "connector_settings", "language_model_settings", "prompts", "optimizer_config"):
        assert getattr(stage1, name) == getattr(stage2, name) == getattr(tested, name), name


def test_secaps_stages_and_tests_share_the_published_model(monkeypatch):
    """One set of values in three files: they must not drift apart."""
    stage1, stage2 = (
        parse("fit", [f"compare/secap_stage{number}.yaml"], monkeypatch=monkeypatch).model for number in (1, 2)
    )
    tested = parse("test", ["eval_meld.yaml", "compare/secap.yaml"], monkeypatch=monkeypatch).model
    for name in ("hubert", "qformer", "language_model_settings", "prompts", "optimizer_config", "answering", "mode"):
        assert getattr(stage2, name) == getattr(tested, name), name
    assert stage1.hubert == stage2.hubert
    assert stage1.optimizer_config == stage2.optimizer_config
    assert (stage1.qformer.source, stage1.qformer.queries) == ("google-bert/bert-base-chinese", stage2.qformer.queries)
    assert (stage2.initialise_from, tested.initialise_from) == ("runs/secap_stage1/checkpoints/last.ckpt", None)
    assert stage2.language_model_settings.lora is None


def test_prompt_files_hold_the_papers_and_the_released_wordings(monkeypatch):
    asked = {
        name: parse("fit", ["stage2.yaml", f"prompts/{name}.yaml"], monkeypatch=monkeypatch).model.prompts
        for name in ("paper", "released", "paraphrases")
    }
    assert (asked["paper"].explicit, asked["paper"].implicit) == (EXPLICIT_PROMPT, IMPLICIT_PROMPT)
    variant = parse("fit", ["stage2.yaml", "model/released.yaml"], monkeypatch=monkeypatch).model.prompts
    assert (variant.explicit, variant.implicit) == (asked["released"].explicit, asked["released"].implicit)
    assert asked["released"].explicit.endswith("the speaker's emotional state of this speech.")
    for kind in ("explicit", "implicit"):
        wordings = getattr(asked["paraphrases"], kind)
        assert wordings[:2] == [getattr(asked["paper"], kind), getattr(asked["released"], kind)]
        assert len(set(wordings)) == len(wordings) >= 5


@pytest.mark.parametrize(
    ("typo", "suggestion"),
    [
        ("model:\n  init_args:\n    connector: {layer: 4}\n", "layers"),
        ("model:\n  init_args:\n    optimiser: {learning_rate: 1.0}\n", "optimizer"),
        ("data:\n  init_args:\n    shard: here\n", "shards"),
        ("trainer:\n  max_epoch: 3\n", "max_epochs"),
        ("run_dri: here\n", "run_dir"),
    ],
)
def test_a_typo_in_yaml_names_the_right_key(typo, suggestion, tmp_path, monkeypatch, capsys):
    file = tmp_path / "typo.yaml"
    file.write_text(typo)
    with pytest.raises(SystemExit) as stopped:
        parse("fit", ["stage1.yaml", str(file)], monkeypatch=monkeypatch)
    assert stopped.value.code == 2
    message = capsys.readouterr().err
    assert f"Did you mean {suggestion!r}" in message, message
    assert len(message.splitlines()) < 15


def test_configs_name_no_absolute_path():
    assert not [path for path in CONFIGS.rglob("*.yaml") if " /" in Path(path).read_text().replace(" / ", "")]
