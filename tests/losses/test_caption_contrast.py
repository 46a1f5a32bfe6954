"""The speech-caption contrast against a naive loop over pairs."""

import pytest
import torch
import torch.nn.functional as F

from c2ser_lightning.losses.caption_contrast import CaptionContrastConfig, caption_contrast

CLASSES = [0, 1, 0, -1, 1, 0, -1, 2]


def naive(speech, captions, classes, config) -> float:
    kinds = {"own": [], "same": [], "other": []}
    for i, one in enumerate(speech):
        for j, other in enumerate(captions):
            similarity = F.cosine_similarity(one, other, dim=0).item()
            if i == j:
                kinds["own"].append(1 - similarity)
            elif classes[i] >= 0 and classes[j] >= 0:
                if classes[i] == classes[j]:
                    kinds["same"].append(1 - similarity)
                else:
                    kinds["other"].append(max(0.0, similarity - config.margin))
    return sum(getattr(config, kind) * sum(costs) / len(costs) for kind, costs in kinds.items() if costs)


@pytest.mark.parametrize("config", [CaptionContrastConfig(), CaptionContrastConfig(0.3, 2.0, 0.7, -0.4)])
def test_it_is_the_formula(config):
    torch.manual_seed(0)
    speech, captions = torch.randn(8, 5), 3 * torch.randn(8, 5)
    found = caption_contrast(speech, captions, torch.tensor(CLASSES), config)
    assert found.item() == pytest.approx(naive(speech, captions, CLASSES, config), abs=1e-6)


def test_unlabelled_utterances_are_only_compared_with_their_own_captions():
    vectors = torch.eye(4)
    config = CaptionContrastConfig(margin=-1.0)
    unlabelled = caption_contrast(vectors, vectors, torch.full((4,), -1), config)
    assert unlabelled.item() == pytest.approx(0.0)
    assert caption_contrast(vectors, vectors, torch.arange(4), config).item() == pytest.approx(1.0)


def test_perfect_vectors_cost_nothing_and_nothing_costs_nothing():
    vectors = torch.eye(3)[[0, 0, 1, 2]]
    assert caption_contrast(vectors, vectors, torch.tensor([0, 0, 1, 2]), CaptionContrastConfig()).item() == 0
    empty = torch.zeros(0, 3, requires_grad=True)
    loss = caption_contrast(empty, empty, torch.zeros(0, dtype=torch.long), CaptionContrastConfig())
    assert loss.item() == 0
    loss.backward()
