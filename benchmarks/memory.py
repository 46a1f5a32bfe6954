"""Memory of a training step under each memory overlay: measured with a random model, and computed for the 7B stage.

Each setting runs in a process of its own, at Qwen2-0.5B's size unless `--model` says otherwise. Bytes kept for the
backward pass are counted where autograd saves them, which does not depend on the machine; peaks are of what a GPU has
allocated, or of resident memory: of a step, with all weights in memory and no file mapped. The table for 7B takes its
activations from one layer of that size, measured in the same way, and its other parts from the model's sizes
(`benchmarks/memory_parts.py`). A whole batch of the 7B stage on a GPU:

    python -m benchmarks.memory --model Qwen2-7B --device cuda --rows 40 --positions 110
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.autograd.graph import saved_tensors_hooks
from tqdm import tqdm

from benchmarks.machine import Machine, forget_peak, peak_memory
from benchmarks.memory_parts import SETTINGS, LayerActivations, step_gigabytes
from benchmarks.random_qwen import SIZES, write_model
from c2ser_lightning.models.language_model import LanguageModel, LanguageModelSettings
from c2ser_lightning.models.sequence import Row, lay_out
from c2ser_lightning.modules.optimization import OptimizerConfig, build_optimizer

SEVEN_BILLION: dict[str, Any] = {"width": 3584, "heads": 28, "key_value_heads": 4, "ffn": 18944}
POSITIONS, LABELS = 4400, 1600
"""Of a batch by `configs/stage1.yaml`: its budget, and the answer tokens of 40 utterances."""
FREED_AT_ONCE = {"MALLOC_MMAP_THRESHOLD_": "1048576"}
"""Has glibc return what is freed, so that leftovers of loading do not count as a step's."""
NAMED = {setting.name: setting for setting in SETTINGS}


@dataclass(slots=True)
class Kept:
    """Counts the bytes that autograd keeps for the backward pass, each piece of memory once, weights left out."""

    own: set[int]
    seen: dict[int, int]

    @classmethod
    def of(cls, model: torch.nn.Module) -> "Kept":
        """Count for a model."""
        return cls({weight.untyped_storage().data_ptr() for weight in model.parameters()}, {})

    def pack(self, tensor: Tensor) -> Tensor:
        """Count a saved tensor."""
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in self.own:
            self.seen[storage.data_ptr()] = storage.nbytes()
        return tensor

    @property
    def total(self) -> int:
        """Bytes so far."""
        return sum(self.seen.values())


def forward_loss(model: LanguageModel, rows: int, positions: int, labels: int) -> Tensor:
    """Return a training loss on random embeddings that need a gradient, as the connector's do."""
    device = next(model.parameters()).device
    embeddings = torch.randn(rows, positions, model.width, device=device, requires_grad=True)
    answers = [torch.randint(0, 100, (labels,)).tolist() for _ in range(rows)]
    layout = lay_out([Row([], positions - labels, [], answer) for answer in answers], side="right").to(device)
    with torch.autocast(device.type, torch.bfloat16):
        return model.token_losses(embeddings, layout).mean()


def kept_bytes(model: LanguageModel, rows: int, positions: int) -> int:
    """Return the bytes kept for the backward pass of one forward pass with a single label in each row."""
    counted = Kept.of(model)
    with saved_tensors_hooks(counted.pack, lambda tensor: tensor):
        forward_loss(model.train(), rows, positions, 1)
    return counted.total


def measure_layer(tokenizer: Path, positions: int = 64) -> LayerActivations:
    """Measure one layer of the 7B model: the difference of a model with two layers and one with one."""
    found = []
    for checkpointing in (False, True):
        totals = []
        for layers in (1, 2):
            settings = LanguageModelSettings(
                source=None, tokenizer=str(tokenizer), layers=layers, gradient_checkpointing=checkpointing,
                **SEVEN_BILLION,
            )  # fmt: skip
            totals.append(kept_bytes(LanguageModel(settings), 1, positions))
        found.append((totals[1] - totals[0]) / positions)
    return LayerActivations(*found)


def leave_files(model: torch.nn.Module) -> None:
    """Copy the weights that lie in mapped files: the system counts all pages of a file, and may drop any of them."""
    for weight in model.parameters():
        if weight.is_floating_point() and weight.device.type == "cpu":
            weight.data = weight.data.clone()


def measure_step(
    folder: Path, name: str, device: torch.device, rows: int, positions: int, labels: int
) -> dict[str, float]:
    """Run one training step in this process; returns sizes in GB."""
    setting = NAMED[name]
    before = peak_memory(device)
    model = LanguageModel(setting.language_model(str(folder))).to(device).train()
    weights = sum(weight.nbytes for weight in model.parameters() if not weight.requires_grad)
    loaded = peak_memory(device)
    leave_files(model)
    forget_peak(device)
    config = OptimizerConfig(name=setting.optimizer)
    built: Any = build_optimizer(model.named_parameters(), config, 10)
    counted = Kept.of(model)
    with saved_tensors_hooks(counted.pack, lambda tensor: tensor):
        loss = forward_loss(model, rows, positions, labels)
    kept = counted.total
    loss.backward()  # type: ignore[no-untyped-call]
    built["optimizer"].step()
    state = built["optimizer"].state.values()
    moments = sum(value.nbytes for entry in state for value in entry.values() if isinstance(value, Tensor))
    step = peak_memory(device)
    sizes = {"frozen_weights": weights / 1e9, "kept_for_backward": kept / 1e9, "optimizer": moments / 1e9}
    return {**sizes, "peak_of_loading": loaded - before, "peak_of_step": step - before}


def run_apart(name: str, folder: Path, options: argparse.Namespace) -> dict[str, float]:
    """Measure a setting in a process of its own."""
    sizes = [f"--{key}={getattr(options, key)}" for key in ("device", "rows", "positions", "labels")]
    command = [sys.executable, "-m", "benchmarks.memory", f"--only={name}", f"--folder={folder}", *sizes]
    environment = {**os.environ, **FREED_AT_ONCE}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    if done.returncode:
        raise RuntimeError(f"{name}: {done.stderr[-2000:]}")
    measured: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return measured


def computed(layer: LayerActivations, positions: int, labels: int) -> dict[str, dict[str, float]]:
    """Return the parts of the 7B stage's memory under each setting, with their sum."""
    rows = {setting.name: step_gigabytes(setting, layer, positions, labels) for setting in SETTINGS}
    return {name: {**parts, "sum": sum(parts.values())} for name, parts in rows.items()}


def table(rows: dict[str, dict[str, float]]) -> str:
    """Lay out as Markdown."""
    columns = list(next(iter(rows.values())))
    head = f"| setting | {' | '.join(column.replace('_', ' ') for column in columns)} |\n|---|{'---:|' * len(columns)}"
    body = [f"| {name} | {' | '.join(f'{row[column]:.2f}' for column in columns)} |" for name, row in rows.items()]
    return "\n".join([head, *body])


def main(arguments: list[str] | None = None) -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.memory", description=__doc__)
    parser.add_argument("--device", type=torch.device, default=torch.device("cpu"), help="cpu or cuda")
    parser.add_argument("--rows", type=int, default=1, help="utterances of the measured step")
    parser.add_argument("--positions", type=int, default=128, help="positions of each in the language model")
    parser.add_argument("--labels", type=int, default=40, help="answer tokens of each")
    parser.add_argument("--model", choices=list(SIZES), default="Qwen2-0.5B", help="whose size the measured model has")
    parser.add_argument("--settings", nargs="+", choices=list(NAMED), default=list(NAMED), help="what to measure")
    parser.add_argument("--only", choices=list(NAMED), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.only:
        sizes = (options.device, options.rows, options.positions, options.labels)
        print(json.dumps(measure_step(options.folder, options.only, *sizes)))
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_model(folder, SIZES[options.model])
        layer = measure_layer(folder)
        steps = {only: run_apart(only, folder, options) for only in tqdm(options.settings, unit="setting")}
    rows = computed(layer, POSITIONS, LABELS)
    machine = Machine.present(options.device)
    print(f"Measured, {options.model}'s size, GB:\n{table(steps)}\n")
    print(f"Computed, 7B stage, {POSITIONS} positions, GB:\n{table(rows)}")
    layer_bytes = {"kept": layer.kept, "checkpointed": layer.checkpointed}
    sizes_used = {key: getattr(options, key) for key in ("model", "rows", "positions", "labels")}
    content = {"settings": sizes_used, "measured": steps, "layer_bytes_per_position": layer_bytes, "computed": rows}
    print(f"{machine} -> {machine.write(f'memory_{options.model.lower()}', content)}")


if __name__ == "__main__":
    main()
