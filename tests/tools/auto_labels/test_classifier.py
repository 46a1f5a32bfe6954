"""Classifiers from files: the numbers are those of a plain forward pass, the mistakes have names."""

import pytest
import torch

from c2ser_lightning.data.batch import Batch
from c2ser_lightning.emotions import EMOTIONS
from c2ser_lightning.models.emotion2vec.checkpoint import load_released_checkpoint
from c2ser_lightning.modules.checkpointing import CheckpointError
from tests.tiny import batch
from tools.auto_labels.classifier import SpeechLabelError, open_classifier
from tools.auto_labels.settings import SpeechSettings


def released(encoder, folder, classes=9, name="proj"):
    torch.manual_seed(1)
    content = torch.load(encoder, weights_only=True)
    content["model"] |= {f"{name}.weight": torch.randn(classes, 32), f"{name}.bias": torch.randn(classes)}
    torch.save(content, folder / "plus.pt")
    return folder / "plus.pt"


def test_released_head_is_the_mean_of_the_frames_and_one_layer(tiny_encoder, tmp_path):
    path = released(tiny_encoder, tmp_path)
    made = open_classifier(SpeechSettings(path, device="cpu"))
    assert made.emotions == ("anger", "disgust", "fear", "happiness", "neutral", None, "sadness", "surprise", None)
    data = batch([0.4, 0.7])
    weights = torch.load(path, weights_only=True)["model"]
    plain, _ = load_released_checkpoint(tiny_encoder)
    for number, probabilities in enumerate(made.probabilities(data)):
        # One clip at a time, without padding, as the released script runs.
        waveform = data.waveforms[number : number + 1, : data.lengths[number]]
        with torch.no_grad():
            frames = plain.eval().extract_features(waveform).frames[0]
        expected = (weights["proj.weight"] @ frames.mean(0) + weights["proj.bias"]).softmax(0)
        torch.testing.assert_close(torch.tensor(probabilities), expected, rtol=1e-4, atol=1e-5)


def test_labels_come_from_tokens_beside_the_file(tiny_encoder, tmp_path):
    path = released(tiny_encoder, tmp_path, classes=4, name="classifier")
    with pytest.raises(SpeechLabelError, match=r"4 classes, the nine labels .* has 9 labels; .*--speech-labels"):
        open_classifier(SpeechSettings(path, device="cpu"))
    (tmp_path / "tokens.txt").write_text("生气/angry\nunuse_0\n开心/happy\n<unk>\n", encoding="utf-8")
    assert open_classifier(SpeechSettings(path, device="cpu")).emotions == ("anger", None, "happiness", None)
    (tmp_path / "none.txt").write_text("a\nb\nc\nd\n", encoding="utf-8")
    with pytest.raises(SpeechLabelError, match="names none of the seven"):
        open_classifier(SpeechSettings(path, labels=tmp_path / "none.txt", device="cpu"))


def test_a_trained_probe_hears_its_tones(tiny_encoder, tiny_probe):
    made = open_classifier(SpeechSettings(tiny_probe, tiny_encoder, device="cpu"))
    data: Batch = batch([0.4 + 0.01 * number for number in range(7)])
    rows = torch.tensor(made.probabilities(data))
    assert made.emotions == EMOTIONS
    assert rows.argmax(1).tolist() == list(range(7))
    torch.testing.assert_close(rows.sum(1), torch.ones(7))


def test_what_is_missing_is_named(tiny_encoder, tiny_probe, tmp_path):
    with pytest.raises(SpeechLabelError, match=r"give its encoder \(encoder.pt@"):
        open_classifier(SpeechSettings(tiny_probe))
    with pytest.raises(SpeechLabelError, match=r"no classifier \(proj.weight"):
        open_classifier(SpeechSettings(tiny_encoder))
    content = torch.load(tiny_encoder, weights_only=True)
    content["model"]["blocks.0.norm1.weight"] += 1
    torch.save(content, tmp_path / "encoder.pt")
    with pytest.raises(CheckpointError, match="was trained on emotion2vec"):
        open_classifier(SpeechSettings(tiny_probe, tmp_path / "encoder.pt"))
