"""What answers cost: seconds an answer and tokens an answer, over all ranks."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torchmetrics import Metric
from torchmetrics.utilities import dim_zero_cat


@dataclass(slots=True)
class EfficiencyScores:
    """Cost of a test run; one process' clock, so a run on N processes takes about an N-th of ``seconds``.

    Attributes:
        n: Answers.
        seconds: Time spent in test steps, added up over ranks; loading of data beside them is not counted.
        seconds_per_answer: Their quotient.
        latency_median: Median time of the batch an answer came in, which is what its asker waits, in seconds.
        latency_p95: 95th percentile of it.
        real_time_factor: ``seconds`` over the seconds of speech that were answered.
        tokens_per_answer: Mean number of generated tokens; 0 where labels were scored.
        batch: Mean number of answers in a batch.
    """

    n: int
    seconds: float
    seconds_per_answer: float
    latency_median: float
    latency_p95: float
    real_time_factor: float
    tokens_per_answer: float
    batch: float


class EfficiencyMetrics(Metric):
    """Keeps time, answers, seconds of speech and tokens of each batch."""

    full_state_update = False
    rows: list[Tensor] | Tensor

    def __init__(self) -> None:
        """Begin with nothing."""
        super().__init__()
        self.add_state("rows", [], dist_reduce_fx="cat")

    def update(self, seconds: float, answers: int, speech: float, tokens: int) -> None:
        """Add a batch.

        Args:
            seconds: Time of its test step.
            answers: Utterances in it.
            speech: Their length in seconds.
            tokens: Tokens generated for all of them.
        """
        assert isinstance(self.rows, list)
        row = torch.tensor([[seconds, float(answers), speech, float(tokens)]], dtype=torch.double)
        self.rows.append(row.to(self.device))

    def compute(self) -> EfficiencyScores | None:
        """Return the costs, ``None`` without answers."""
        rows = dim_zero_cat(self.rows).cpu() if len(self.rows) else torch.zeros(0, 4, dtype=torch.double)
        rows = rows[rows[:, 1] > 0]
        if not len(rows):
            return None
        seconds, answers, speech, tokens = rows.sum(0).tolist()
        latencies = rows[:, 0].repeat_interleave(rows[:, 1].long())
        median, late = latencies.quantile(torch.tensor([0.5, 0.95], dtype=torch.double)).tolist()
        factor = seconds / speech if speech else float("nan")
        return EfficiencyScores(
            int(answers), seconds, seconds / answers, median, late, factor, tokens / answers, answers / len(rows)
        )

    def _sync_dist(self, *arguments: Any, **options: Any) -> None:
        """Meet the other ranks with an empty table where this one has none."""
        if isinstance(self.rows, list) and not self.rows:
            self.rows.append(torch.zeros(0, 4, dtype=torch.double, device=self.device))
        super()._sync_dist(*arguments, **options)
