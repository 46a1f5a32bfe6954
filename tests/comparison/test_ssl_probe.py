"""Probes on other people's encoders: learnt, exact in any batch, saved without the encoder."""

import pytest
import torch

from c2ser_lightning.comparison import ComparisonError, SSLProbeRecognizer
from c2ser_lightning.emotions import EMOTIONS
from c2ser_lightning.models.probe_head import ProbeHeadConfig
from c2ser_lightning.models.upstreams import UpstreamSource
from c2ser_lightning.modules.checkpointing import CheckpointError
from c2ser_lightning.modules.optimization import OptimizerConfig
from tests.comparison.test_qwen2_audio import alone
from tests.models.upstreams.checkpoints import WIDTH, write
from tests.tiny import batch

SECONDS = [0.5, 1.2, 0.9, 0.6]


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    folder = tmp_path_factory.mktemp("upstreams")
    return {kind: f"{kind}:{write(kind, folder)}" for kind in ("wavlm", "whisper")} | {"fbank": "fbank"}


def probe(source: str, *, head: str = "linear", **settings) -> SSLProbeRecognizer:
    torch.manual_seed(0)
    made = SSLProbeRecognizer(
        UpstreamSource("theirs", source),
        ProbeHeadConfig(head, hidden=8),
        OptimizerConfig(learning_rate=1e-2, weight_decay=0.0, schedule="constant"),
        **settings,
    )
    made.configure_model()
    return made


@pytest.mark.parametrize("kind", ["wavlm", "whisper", "fbank"])
@torch.no_grad()
def test_the_head_sees_the_frames_of_each_utterance_alone(kind, sources):
    system, data = probe(sources[kind]), batch(SECONDS)
    logits = system(data)
    for row, samples in enumerate(data.lengths):
        frames, valid = system.upstream.extract(data.waveforms[row : row + 1, :samples], [samples])
        normed = torch.nn.functional.layer_norm(frames[0][valid[0]], (system.upstream.dimension,))
        expected = system.head.classifier(normed.mean(0))
        torch.testing.assert_close(logits[row], expected, atol=1e-4, rtol=0)
        torch.testing.assert_close(system(alone(data, row))[0], logits[row], atol=1e-4, rtol=0)


@pytest.mark.parametrize("kind", ["wavlm", "whisper"])
@pytest.mark.parametrize("megabytes", [0, 10])
def test_only_the_head_learns_and_is_saved(kind, megabytes, sources, monkeypatch):
    system, data = probe(sources[kind], head="emobox", cache_megabytes=megabytes), batch(SECONDS)
    monkeypatch.setattr(system, "log", lambda *_, **__: None)
    before = {name: value.clone() for name, value in system.upstream.state_dict().items()}
    optimizer = torch.optim.Adam([weight for weight in system.parameters() if weight.requires_grad], 0.05)
    losses = []
    for _ in range(12):
        loss = system.training_step(data, 0)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0] * 0.8
    assert all(torch.equal(value, before[name]) for name, value in system.upstream.state_dict().items())
    assert {name.rpartition(".")[0] for name in system.trained_names()} == {"head.frame_layer", "head.classifier"}
    assert system.head.frame_layer.weight.shape[1] == WIDTH


def test_answers_are_probabilities_over_the_label_set(sources):
    rows = probe(sources["fbank"]).recognize(batch(SECONDS), ("anger", "fear"))
    assert all(tuple(row.probabilities) == ("anger", "fear") for row in rows)
    assert all(sum(row.probabilities.values()) == pytest.approx(1.0, abs=1e-5) for row in rows)
    assert probe(sources["fbank"]).recognize(batch([]), EMOTIONS) == []


def test_clips_that_the_encoder_cannot_hear_are_named(sources):
    with pytest.raises(ComparisonError, match=r"toy/utt000: 0\.040 s is shorter .*filters\.min_seconds"):
        probe(sources["wavlm"]).recognize(batch([0.04]), EMOTIONS)


def test_another_encoder_than_the_one_trained_on_is_refused(sources, tmp_path):
    system = probe(sources["wavlm"])
    assert system.backbone_identities()["upstream"].startswith("wavlm:wavlm.pt@")
    checkpoint = {"state_dict": {name: system.state_dict()[name] for name in system.trained_names()}}
    torch.save({**checkpoint, "backbones": {"upstream": "wavlm:wavlm.pt@0123"}}, tmp_path / "other.ckpt")
    with pytest.raises(CheckpointError, match=r"wrong backbone.*set model\.init_args\.upstream\.source"):
        system.load_trained(str(tmp_path / "other.ckpt"))
