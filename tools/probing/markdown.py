"""The table for people, and the same for programs."""

import math
import platform
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import torch

from tools.probing.outcomes import Row, Spread
from tools.probing.settings import ProbeTable
from tools.probing.utterances import Corpus


def corpus_section(corpus: Corpus, rows: Sequence[Row], picture: str) -> str:
    """Return the heading, table and picture of one corpus."""
    folds = rows[0].folds
    listed, many = sum(corpus.listed.values()), len(corpus.folds) > 1
    lines = [
        f"## {corpus.name}",
        "",
        f"{corpus.rule}, {len(corpus.folds)} fold{'s' if many else ''}, {listed} test utterances listed, "
        f"{len(corpus.labels)} labels ({', '.join(corpus.labels)}), chance UA {1 / len(corpus.labels):.3f}.",
        "",
        "| upstream | test utterances | WA | UA | UA 95 % | Macro-F1 | chosen (learning rate, hidden) |",
        "|---|---|---|---|---|---|---|",
        *map(_line, rows),
        "",
    ]
    if any(row.used < listed for row in rows):
        lines += [
            "**Not the full test lists**: utterances without usable audio are named in `ledger.jsonl`; figures are not "
            "comparable with published ones.",
            "",
        ]
    if len(folds) < len(corpus.folds):
        lines += [f"{len(corpus.folds) - len(folds)} folds had a part without usable audio and are left out.", ""]
    return "\n".join([*lines, f"![recall of each label]({picture})", ""])


def _line(row: Row) -> str:
    low, high = row.scores["ua"].interval
    scores = {name: _spread(spread) for name, spread in row.scores.items()}
    count = f"{row.used}" if row.used == row.listed else f"{row.used} of {row.listed}"
    chosen = sorted({(fold.chosen.learning_rate, fold.chosen.hidden) for fold in row.folds}, reverse=True)
    points = "; ".join(f"{rate:g}, {hidden}" for rate, hidden in chosen)
    name = row.upstream.replace("|", "/")
    interval = f"{low:.3f} to {high:.3f}"
    return f"| {name} | {count} | {scores['wa']} | {scores['ua']} | {interval} | {scores['macro_f1']} | {points} |"


def _spread(spread: Spread) -> str:
    return f"{spread.mean:.3f}" if spread.sd is None else f"{spread.mean:.3f} ± {spread.sd:.3f}"


def page(settings: ProbeTable, sections: Sequence[str], left_out: str, command: str) -> str:
    """Return the whole page, with what a reader needs to judge or repeat it."""
    protocol = settings.protocol
    grid = f"learning rates {_list(protocol.learning_rates)}, hidden {_list(protocol.hidden)}"
    stop = "" if protocol.patience is None else f", patience {protocol.patience}"
    head = [
        "# Probing frozen encoders",
        "",
        f"Frozen last-layer frames, layer norm over each {protocol.normalize}, linear, ReLU, mean over frames, linear; "
        f"{grid}, up to {protocol.epochs} epochs{stop}, batch {protocol.batch_size}, seed {protocol.seed}. Grid point "
        f"and epoch are chosen by {protocol.select_by.upper()} on validation: the published list, or "
        f"{100 * protocol.validation_share:g} % of train. Scores are means ± standard deviations over folds; intervals "
        "are 95 % bootstraps over the test utterances within each fold.",
        "",
        f"`{command}`; {environment()}; {left_out}.",
        "",
    ]
    return "\n".join([*head, *sections])


def environment() -> str:
    """Return machine, versions and day."""
    device = torch.cuda.get_device_name() if torch.cuda.is_available() else platform.machine()
    versions = f"Python {platform.python_version()}, torch {torch.__version__}"
    return f"{device}, {torch.get_num_threads()} threads, {versions}, {datetime.now(UTC).date()}"


def as_json(corpus: Corpus, rows: Sequence[Row]) -> dict[str, Any]:
    """Return one corpus' figures as plain values."""
    found = [asdict(row) for row in rows]
    return {"corpus": corpus.name, "rule": corpus.rule, "labels": list(corpus.labels), "rows": found}


def _list(values: Sequence[float]) -> str:
    return "{" + ", ".join(f"{value:g}" for value in values) + "}"


def finite(value: Any) -> Any:
    """Replace NaN, which JSON does not know, by null, at any depth."""
    if isinstance(value, dict):
        return {key: finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
