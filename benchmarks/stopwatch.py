"""Times what a module does with test batches, without loading data.

On a CPU the seconds are the processor's, of one thread: what else runs on the machine then hardly counts.
"""

import json
import time
from pathlib import Path
from typing import Any

import lightning.pytorch as pl
import torch

from benchmarks.machine import wait
from c2ser_lightning.data.batch import Batch
from c2ser_lightning.models.speech import Speech

STOPWATCH_FILE = "stopwatch.json"


class Stopwatch(pl.Callback):
    """Adds up the time of test steps, and of perception in them; the first batch only warms up."""

    def __init__(self) -> None:
        """Begin at zero."""
        self.utterances, self._start = 0, 0.0
        self._now = time.perf_counter
        self.seconds, self.perception, self._heard = 0.0, 0.0, 0.0

    def on_test_start(self, trainer: Any, pl_module: Any) -> None:
        """Choose the clock, and time perception by itself."""
        if pl_module.device.type == "cpu":
            torch.set_num_threads(1)
            self._now = time.process_time
        perceive = pl_module.c2ser.perceive

        def timed(speech: Speech) -> Any:
            wait(pl_module.device)
            start = self._now()
            perceived = perceive(speech)
            wait(pl_module.device)
            self._heard += self._now() - start
            return perceived

        pl_module.c2ser.perceive = timed

    def on_test_batch_start(self, trainer: Any, pl_module: Any, batch: Batch, *rest: Any) -> None:
        """Start when the device is idle."""
        wait(pl_module.device)
        self._heard, self._start = 0.0, self._now()

    def on_test_batch_end(
        self, trainer: Any, pl_module: Any, outputs: Any, batch: Batch, batch_idx: int, *rest: Any
    ) -> None:
        """Stop when the device is done."""
        wait(pl_module.device)
        if batch_idx:
            self.seconds += self._now() - self._start
            self.perception += self._heard
            self.utterances += batch.size

    def on_test_epoch_end(self, trainer: Any, pl_module: Any) -> None:
        """Write seconds and utterances."""
        content = {"seconds": self.seconds, "perception": self.perception, "utterances": self.utterances}
        (Path(trainer.log_dir) / STOPWATCH_FILE).write_text(json.dumps(content), encoding="utf-8")
