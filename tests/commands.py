"""Run the project's own commands in subprocesses, as a user would."""

import os
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT

TINY_STAGE = """
trainer:
  accelerator: cpu
  devices: 1
  precision: 32-true
  max_epochs: 1
  accumulate_grad_batches: 1
  log_every_n_steps: 1
  val_check_interval: 1.0
  enable_progress_bar: false
  enable_model_summary: false
data:
  init_args:
    batch: {max_seconds: 40.0, max_utterances: 10}
    loader: {workers: 1}
"""
TINY_EMOTION2VEC = """
model:
  init_args:
    model: {convolutions: [[16, 10, 5], [16, 3, 2], [16, 3, 2], [16, 3, 2], [16, 3, 2], [16, 2, 2], [16, 2, 2]],
            embed_dim: 32, prenet_depth: 1, depth: 2, heads: 4, position_groups: 4, decoder_dim: 16, decoder_groups: 4}
    masking: {clones: 2}
    teacher: {top_k_layers: 2}
"""


def python(*arguments: object, cwd: Path = ROOT, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run ``python <arguments>`` with the project on the path; a failure shows what it printed."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}
    command = [sys.executable, *map(str, arguments)]
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    if check and done.returncode:
        raise AssertionError(f"{command}\n{done.stdout[-3000:]}\n{done.stderr[-5000:]}")
    return done


def lightning(
    verb: str, configs: list[object], *options: object, **settings: object
) -> subprocess.CompletedProcess[str]:
    """Run ``python -m c2ser_lightning <verb>`` over config files."""
    files = [part for config in configs for part in ("--config", config)]
    return python("-m", "c2ser_lightning", verb, *files, *options, **settings)
