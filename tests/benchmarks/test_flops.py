"""Operation counts against PyTorch's own counter and against figures worked out by hand for emotion2vec_base."""

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from benchmarks import flops
from c2ser_lightning.models.emotion2vec import Emotion2Vec, Emotion2VecConfig
from tests.tiny import emotion2vec_config


def test_features_agree_with_pytorchs_counter():
    config = emotion2vec_config()
    with torch.device("meta"):
        model = Emotion2Vec(config).eval()
        with FlopCounterMode(display=False) as counter, torch.no_grad():
            model.extract_features(torch.empty(1, 32_000))
    assert flops.features(config, 32_000) == pytest.approx(counter.get_total_flops(), rel=0.02)


@pytest.mark.parametrize(("clones", "teraflops"), [(1, 0.26), (8, 0.90), (16, 1.65)])
def test_a_pretraining_step_of_base_size_at_six_and_a_half_seconds(clones, teraflops):
    assert flops.pretraining(Emotion2VecConfig(), 104_000, clones) / 1e12 == pytest.approx(teraflops, rel=0.07)


def test_encoding_at_base_size():
    assert flops.features(Emotion2VecConfig(), 104_000) / 1e9 == pytest.approx(95, rel=0.02)
