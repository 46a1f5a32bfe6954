import math

import pytest
import torch
from torch import nn

from c2ser_lightning.modules.optimization import OptimizerConfig, build_optimizer, decay_groups, learning_rate_factor


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        ("cosine", [0.1, 0.5, 1.0, 1.0, 0.5, 0.0]),
        ("constant", [0.1, 0.5, 1.0, 1.0, 1.0, 1.0]),
        ("inverse_sqrt", [0.1, 0.5, 1.0, math.sqrt(10 / 11), math.sqrt(10 / 56), math.sqrt(10 / 101)]),
    ],
)
def test_schedules_at_known_steps(schedule, expected):
    factor = learning_rate_factor(OptimizerConfig(schedule=schedule, warmup_ratio=0.1), total_steps=100)
    assert [factor(step) for step in (0, 4, 9, 10, 55, 100)] == pytest.approx(expected, abs=1e-6)


def test_biases_norms_and_alibi_scales_are_not_decayed():
    parameters = {"a.weight": torch.zeros(2, 2), "a.bias": torch.zeros(2), "x.alibi_scale": torch.zeros(1, 1, 2)}
    named = [(name, nn.Parameter(value)) for name, value in parameters.items()]
    decayed, undecayed = decay_groups(named, OptimizerConfig(weight_decay=0.3))
    assert (len(decayed["params"]), decayed["weight_decay"]) == (1, 0.3)
    assert (len(undecayed["params"]), undecayed["weight_decay"]) == (2, 0.0)
    (everything,) = decay_groups(named, OptimizerConfig(decay_all=True))
    assert len(everything["params"]) == 3


def test_nothing_to_train_is_an_error():
    frozen = nn.Linear(2, 2).requires_grad_(False)
    with pytest.raises(ValueError, match="nothing to train"):
        build_optimizer(frozen.named_parameters(), OptimizerConfig(), 10)
