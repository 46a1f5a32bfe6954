"""The probe: a frozen encoder, a small head, and checkpoints that hold the head alone."""

import lightning.pytorch as pl
import pytest
import torch
import torch.nn.functional as F

from c2ser_lightning.data import EmotionDataModule
from c2ser_lightning.data.bucketing import BatchConfig
from c2ser_lightning.data.datamodule import LoaderConfig, SplitConfig
from c2ser_lightning.emotions import EMOTIONS
from c2ser_lightning.models.emotion2vec.load import Emotion2VecSource
from c2ser_lightning.models.probe_head import ProbeHeadConfig
from c2ser_lightning.modules.emotion_probe import EmotionProbe
from c2ser_lightning.modules.optimization import OptimizerConfig
from tests.shards import write_split
from tests.tiny import batch, emotion2vec_config


def probe(kind: str = "linear", *, learning_rate: float = 1e-2, built: bool = True) -> EmotionProbe:
    torch.manual_seed(0)
    made = EmotionProbe(
        Emotion2VecSource(random_config=emotion2vec_config(), seed=4),
        ProbeHeadConfig(kind, hidden=24),
        OptimizerConfig(learning_rate=learning_rate, weight_decay=0.0, schedule="constant"),
    )
    if built:
        made.configure_model()
    return made


@pytest.fixture(scope="module")
def shards(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shards")
    write_split(folder, "train", [0.3 + 0.02 * number for number in range(14)])
    return folder


def fitted(shards, folder, epochs: int) -> tuple[pl.Trainer, EmotionProbe]:
    data = EmotionDataModule(
        str(shards),
        splits=SplitConfig("train", "train", "train", "train"),
        batch=BatchConfig(max_utterances=7),
        loader=LoaderConfig(workers=0),
    )
    trainer = pl.Trainer(
        accelerator="cpu",
        logger=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        default_root_dir=folder,
        max_epochs=epochs,
        check_val_every_n_epoch=epochs,
    )
    model = probe(learning_rate=5e-2, built=False)
    trainer.fit(model, data)
    return trainer, model


def test_tones_are_learnt_the_encoder_is_not_touched_and_only_the_head_is_saved(shards, tmp_path):
    trainer, model = fitted(shards, tmp_path, epochs=40)
    assert trainer.callback_metrics["val/ua"] > 0.9
    fresh = probe().encoder.state_dict()
    assert all(torch.equal(value, fresh[name]) for name, value in model.encoder.state_dict().items())
    trainer.save_checkpoint(tmp_path / "probe.ckpt")
    saved = torch.load(tmp_path / "probe.ckpt", weights_only=True)["state_dict"]
    assert set(saved) == {"head.classifier.weight", "head.classifier.bias"}
    again = probe()
    again.load_trained(str(tmp_path / "probe.ckpt"))
    data = batch([0.4, 0.5])
    torch.testing.assert_close(again(data), model.eval()(data))


@pytest.mark.parametrize("kind", ["linear", "emobox"])
@torch.no_grad()
def test_heads_are_what_they_are_called(kind):
    model = probe(kind)
    data = batch([0.4, 0.6])
    for row, logits in enumerate(model(data)):
        waveform = data.waveforms[row : row + 1, : data.lengths[row]]
        frames = F.layer_norm(model.encoder.extract_features(waveform).frames[0], (32,))
        if kind == "emobox":
            frames = (frames @ model.head.frame_layer.weight.T + model.head.frame_layer.bias).clamp_min(0)
        expected = model.head.classifier.weight @ frames.mean(0) + model.head.classifier.bias
        torch.testing.assert_close(logits, expected, atol=1e-4, rtol=0)


@torch.no_grad()
def test_an_utterance_is_scored_the_same_alone_and_among_eight():
    model = probe("emobox")
    seconds = [0.3, 0.9, 0.41, 0.5, 0.77, 0.33, 0.6, 0.85]
    data = batch(seconds)
    together = model(data)
    for row, samples in enumerate(data.lengths):
        alone = batch([0.1])
        alone.waveforms = data.waveforms[row : row + 1, :samples]
        alone.padding_mask = data.padding_mask[row : row + 1, :samples]
        alone.lengths = [samples]
        torch.testing.assert_close(model(alone)[0], together[row], atol=1e-4, rtol=0)


def test_unlabelled_speech_does_not_count(monkeypatch):
    model = probe()
    monkeypatch.setattr(model, "log", lambda *_, **__: None)
    data = batch([0.4, 0.4, 0.4])
    labelled = model.training_step(batch([0.4, 0.4]), 0)
    data.emotions[2] = -1
    torch.testing.assert_close(model.training_step(data, 0), labelled, atol=1e-5, rtol=0)
    data.emotions[:] = -1
    assert model.training_step(data, 0).item() == 0.0


@pytest.mark.parametrize("kind", ["linear", "emobox"])
def test_an_empty_batch_reaches_every_trained_weight(kind):
    model = probe(kind)
    model.training_step(batch([]), 0).backward()
    weights = [weight for weight in model.parameters() if weight.requires_grad]
    assert weights
    assert all(weight.grad is not None for weight in weights)
    assert model.recognize(batch([]), EMOTIONS) == []


def test_predictions_carry_probabilities_over_the_label_set(shards, tmp_path):
    trainer, model = fitted(shards, tmp_path, epochs=1)
    rows = [row for step in trainer.predict(model, trainer.datamodule) for row in step]
    assert len(rows) == 14
    for row in rows:
        assert tuple(row.probabilities) == EMOTIONS
        assert sum(row.probabilities.values()) == pytest.approx(1.0, abs=1e-5)
        assert row.predicted == max(row.probabilities, key=row.probabilities.get)
