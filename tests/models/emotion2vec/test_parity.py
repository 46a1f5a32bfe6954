"""The released architecture at a tiny size with random weights: every stored tensor within 1e-5 (numbers only)."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from c2ser_lightning.models.emotion2vec import Emotion2Vec
from c2ser_lightning.models.emotion2vec.checkpoint import infer_config
from c2ser_lightning.models.emotion2vec.masking import Mask
from c2ser_lightning.models.emotion2vec.released_names import own_name

FIXTURE = Path(__file__).parents[2] / "fixtures" / "emotion2vec_tiny"


@pytest.fixture(scope="module")
def tensors():
    return load_file(FIXTURE / "tensors.safetensors")


@pytest.fixture(scope="module")
def model():
    weights = load_file(FIXTURE / "state_dict.safetensors")
    config = infer_config({own_name(key): value for key, value in weights.items()})
    config.normalize = False  # the stored source is normalised already
    config.exact_padding = False  # as released
    return Emotion2Vec.from_released(config, weights).eval()


def close(actual: torch.Tensor, expected: torch.Tensor) -> None:
    torch.testing.assert_close(actual, expected, atol=1e-5, rtol=0)


@torch.no_grad()
def test_features_and_layer_results_of_a_padded_batch(model, tensors):
    features = model.extract_features(tensors["source"], tensors["padding_mask"])
    padded = torch.cat([torch.zeros(2, 10, dtype=torch.bool), features.padding_mask], dim=1)
    assert torch.equal(padded, tensors["features_padding_mask"])
    valid = ~padded
    close(torch.cat([features.utterance_tokens, features.frames], dim=1)[valid], tensors["features"][valid])
    for number, result in enumerate(features.layer_results):
        close(result[valid], tensors[f"layer_results.{number}"][valid])


@torch.no_grad()
def test_local_features(model, tensors):
    close(model.local_features(tensors["source"], None)[0], tensors["local_features"])


@torch.no_grad()
def test_features_of_one_utterance(model, tensors):
    features = model.extract_features(tensors["source"][:1])
    close(torch.cat([features.utterance_tokens, features.frames], dim=1), tensors["features_first_alone"])


@torch.no_grad()
def test_student_and_decoder_under_the_stored_mask(model, tensors):
    local, _ = model.local_features(tensors["source"][:1], None)
    encoded, predicted = model.student(local, None, Mask.of(tensors["mask"].bool()), noise_std=0.0)
    # The stored kept frames come in the order of an unstable sort; the decoder puts them back, so only sets compare.
    expected = tensors["student_encoder_out"]
    close(encoded[:, :10], expected[:, :10])
    order = torch.cdist(expected[0, 10:], encoded[0, 10:]).argmin(1)
    assert sorted(order.tolist()) == list(range(encoded.shape[1] - 10))
    close(encoded[0, 10:][order], expected[0, 10:])
    close(predicted, tensors["student_decoder_out"])
