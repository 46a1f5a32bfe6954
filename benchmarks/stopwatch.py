"""Times what a module does with test batches, without loading data."""

import json
import time
from pathlib import Path
from typing import Any

import lightning.pytorch as pl

from benchmarks.machine import wait
from c2ser_lightning.data.batch import Batch

STOPWATCH_FILE = "stopwatch.json"


class Stopwatch(pl.Callback):
    """Adds up the time of test steps and writes it into the run's folder; the first batch only warms up."""

    def __init__(self) -> None:
        """Begin at zero."""
        self.seconds, self.utterances, self._start = 0.0, 0, 0.0

    def on_test_batch_start(self, trainer: Any, pl_module: Any, batch: Batch, *rest: Any) -> None:
        """Start when the device is idle."""
        wait(pl_module.device)
        self._start = time.perf_counter()

    def on_test_batch_end(
        self, trainer: Any, pl_module: Any, outputs: Any, batch: Batch, batch_idx: int, *_: Any
    ) -> None:
        """Stop when the device is done."""
        wait(pl_module.device)
        if batch_idx:
            self.seconds += time.perf_counter() - self._start
            self.utterances += batch.size

    def on_test_epoch_end(self, trainer: Any, pl_module: Any) -> None:
        """Write seconds and utterances."""
        content = {"seconds": self.seconds, "utterances": self.utterances}
        (Path(trainer.log_dir) / STOPWATCH_FILE).write_text(json.dumps(content), encoding="utf-8")
