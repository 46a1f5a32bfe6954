"""The model card: what the model is, what it was trained on and how well it did, all of it read from the run."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from c2ser_lightning.inference.run import LoadedRun
from c2ser_lightning.modules.cot import CoTModule
from c2ser_lightning.report.results import METRICS_FILE
from c2ser_lightning.version import __version__
from tools.exporting.run import shard_folders
from tools.level_source import INFO_FILE

_CARD = """---
library_name: c2ser_lightning
pipeline_tag: audio-text-to-text
tags: [speech-emotion-recognition, audio-language-model]
---
# {title}

{what} Exported by c2ser_lightning {version} from {source}.

| file | what it is |
|---|---|
| `config.json`, `model*.safetensors`, tokenizer | the language model with its LoRA merged in, plain Qwen2 |
| `whisper/` | the semantic encoder (if the model has one) |
| `emotion2vec_s.ckpt` | the acoustic encoder (if the model has one) |
| `connector/trained.safetensors` | connector and speech marks |
| `c2ser.yaml` | the configuration that puts them together |

Use: `python -m c2ser_lightning predict --config <stage or eval yaml> --config <this folder>/c2ser.yaml`

## Trained on

{data}

Trained from: {backbones}.

## Settings

{settings}

## Results

{results}

## Limits

Emotions are judgements that people disagree about, and the scores above hold for the speech they were measured on. The
model names one of a few emotions even where none fits. Corpora and base models have licences of their own.
"""
_KINDS = {
    "ExplicitCoT": "C2SER, stage 1: it describes style and content of an utterance and then infers the emotion.",
    "ImplicitCoT": "C2SER, stage 2: it answers with the emotion directly.",
}


def write_card(run: LoadedRun[CoTModule], out: Path, tested: Sequence[Path]) -> None:
    """Write ``README.md``.

    Args:
        run: The trained model.
        out: Folder of the exported model.
        tested: Folders of finished tests, whose ``metrics.json`` is quoted.
    """
    kind = type(run.module).__name__
    parts = run.module.backbone_identities()
    source = run.checkpoint or run.module.initialise_from
    text = _CARD.format(
        title=out.name,
        what=_KINDS.get(kind, kind),
        version=__version__,
        source=f"`{source}`",
        data="\n".join(_corpus_line(folder) for folder in shard_folders(run.config)),
        backbones=", ".join(f"{part} `{name}`" for part, name in parts.items()),
        settings="\n".join(_settings(run)),
        results=_results(tested),
    )
    (out / "README.md").write_text(text, encoding="utf-8")


def _corpus_line(folder: Path) -> str:
    """Say what a shard folder holds, from its ``info.json``."""
    path = folder / INFO_FILE
    if not path.is_file():
        return f"- `{folder.name}` (its {INFO_FILE} was not at hand when this was exported)"
    info = json.loads(path.read_text(encoding="utf-8"))
    train: dict[str, Any] = info["splits"].get("train", {})
    if not train:
        return f"- {info['name']}: no training split"
    emotions = ", ".join(f"{name} {count}" for name, count in train["emotions"].items())
    synthetic = ", **synthetic speech**" if info["synthetic"] else ""
    languages = ", ".join(train["languages"])
    hours = f"{train['utterances']} utterances, {train['hours']:.2f} hours"
    return f"- {info['name']}: {hours}, {len(train['speakers'])} speakers, {languages}{synthetic}; {emotions}"


def _settings(run: LoadedRun[CoTModule]) -> list[str]:
    module, trainer = run.module, run.config.get("trainer", {})
    optimizer = module.optimizer_config
    lora = module.language_model_settings.lora
    adapter = "none" if lora is None else f"rank {lora.rank}, alpha {lora.alpha}, dropout {lora.dropout}"
    prompts = module.prompts
    return [
        f"- Optimizer {optimizer.name}, learning rate {optimizer.learning_rate}, betas {list(optimizer.betas)}, weight "
        f"decay {optimizer.weight_decay}, schedule {optimizer.schedule}, warm-up {optimizer.warmup_ratio:.0%} of steps",
        f"- LoRA (merged): {adapter}",
        f"- {trainer.get('max_epochs')} epochs, gradients of {trainer.get('accumulate_grad_batches')} batches, "
        f"precision {trainer.get('precision')}, seed {run.config.get('seed_everything')}",
        f"- Questions: explicit {prompts.wording('explicit')!r}, implicit {prompts.wording('implicit')!r}; "
        f"layout {prompts.layout}",
    ]


def _results(tested: Sequence[Path]) -> str:
    rows = [_row(json.loads((folder / METRICS_FILE).read_text(encoding="utf-8"))) for folder in tested]
    if not rows:
        return "Not tested before it was exported."
    head = "| test set | utterances | WA | UA | Macro-F1 | unparsed | date |\n|---|---|---|---|---|---|---|"
    return "\n".join([head, *rows])


def _row(metrics: dict[str, Any]) -> str:
    def score(name: str) -> str:
        low, high = metrics["ci95"].get(name, (None, None))
        interval = f" ({low:.3f} to {high:.3f})" if low is not None and high is not None else ""
        return f"{metrics[name]:.3f}{interval}"

    corpus = metrics["corpus"] + (" (synthetic speech)" if metrics["synthetic"] else "")
    cells = [corpus, metrics["n"], score("wa"), score("ua"), score("macro_f1"), f"{metrics['unparsed_rate']:.3f}"]
    return "| " + " | ".join(map(str, [*cells, metrics["date"]])) + " |"
