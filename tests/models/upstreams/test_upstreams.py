"""Every upstream is read through its real loading path and asked for frames; nothing reaches for the network."""

import socket

import pytest
import torch
from safetensors.torch import save_file

from c2ser_lightning.models.backbone import BackboneError
from c2ser_lightning.models.emotion2vec.checkpoint import export_released
from c2ser_lightning.models.emotion2vec.encoder import Emotion2Vec
from c2ser_lightning.models.upstreams import UpstreamError, UpstreamSource
from c2ser_lightning.models.upstreams.s3prl import FILE_ENTRIES, FOLDER_ENTRIES
from tests.models.upstreams.checkpoints import WIDTH, write
from tests.tiny import batch, emotion2vec_config

TRAINED = [*FILE_ENTRIES, *FOLDER_ENTRIES, "whisper"]


@pytest.fixture(autouse=True)
def _no_network(monkeypatch):
    def refuse(*_arguments, **_settings):
        raise AssertionError("an upstream reached for the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.fixture(scope="module")
def checkpoints(tmp_path_factory):
    folder = tmp_path_factory.mktemp("checkpoints")
    return {kind: write(kind, folder) for kind in TRAINED}


def random_source(**changes) -> UpstreamSource:
    return UpstreamSource("ours", "emotion2vec:random", random_config=emotion2vec_config(), **changes)


def alone(upstream, seconds: float, number: int = 0):
    data = batch([seconds])
    return upstream.extract(data.waveforms, data.lengths)


@pytest.mark.parametrize("kind", TRAINED)
def test_a_local_checkpoint_gives_frames_of_its_width_at_50_hertz(kind, checkpoints):
    upstream = UpstreamSource(kind, f"{kind}:{checkpoints[kind]}").load()
    frames, valid = alone(upstream, 1.0)
    assert (upstream.dimension, upstream.hop) == (WIDTH, 320)
    assert frames.shape == (1, valid.shape[1], WIDTH)
    assert 49 <= valid.sum() <= 50
    assert frames.isfinite().all()
    assert not any(parameter.requires_grad for parameter in upstream.parameters())
    torch.testing.assert_close(upstream.train().extract(*_clip())[0], frames)


def _clip():
    data = batch([1.0])
    return data.waveforms, data.lengths


def test_the_last_layer_is_what_the_model_itself_says_not_a_layer_below(checkpoints):
    from transformers import HubertModel

    upstream = UpstreamSource("h", f"hf_hubert:{checkpoints['hf_hubert']}").load()
    waveform, lengths = _clip()
    normalised = (waveform - waveform.mean()) / (waveform.var(correction=0) + 1e-7).sqrt()
    with torch.no_grad():
        expected = HubertModel.from_pretrained(checkpoints["hf_hubert"]).eval()(normalised).last_hidden_state
    frames, _ = upstream.extract(waveform, lengths)
    torch.testing.assert_close(frames[:, : expected.shape[1]], expected, atol=1e-4, rtol=0)


@pytest.mark.parametrize("source", ["emotion2vec", "whisper", "wav2vec2", "fbank"])
def test_masks_tell_each_clips_own_frames_and_exactness_is_what_is_claimed(source, checkpoints):
    named = {"emotion2vec": random_source(), "fbank": UpstreamSource("f", "fbank")}
    upstream = named.get(source, UpstreamSource(source, f"{source}:{checkpoints.get(source)}")).load()
    data = batch([0.5, 0.9])
    frames, valid = upstream.extract(data.waveforms, data.lengths)
    short, own = alone(upstream, 0.5)
    assert valid[0].sum() == own.sum() < valid[1].sum()
    if upstream.exact_in_batches:
        torch.testing.assert_close(frames[0][valid[0]], short[0][own[0]], atol=2e-4, rtol=0)


def test_released_files_load_as_emotion2vec(tmp_path):
    model = Emotion2Vec(emotion2vec_config())
    save_file({name: value.contiguous() for name, value in export_released(model).items()}, tmp_path / "a.safetensors")
    upstream = UpstreamSource("released", f"emotion2vec:{tmp_path / 'a.safetensors'}").load()
    assert upstream.dimension == 32
    assert upstream.exact_in_batches


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("wavlm_base_plus", "did you mean wavlm:<path>"),
        ("hubert_large_ll60k", "did you mean hubert:<path>"),
        ("hf_wav2vec2_custom:some/name", "did you mean hf_wav2vec2:<path>"),
        ("wavml:x.pt", "did you mean wavlm:<path>"),
        ("nonsense", "known kinds"),
        ("wavlm", "needs a path"),
        ("wavlm:https://somewhere.org/x.pt", "no checkpoint file"),
        ("hf_hubert:facebook/hubert-base-ls960", "no folder"),
        ("whisper:openai/whisper-base", "no such folder"),
        ("emotion2vec:nowhere.pt", "no such file"),
        ("fbank:x.pt", "takes no path"),
    ],
)
def test_what_would_need_a_download_or_is_missing_is_refused_with_advice(source, said):
    with pytest.raises(UpstreamError, match=said):
        UpstreamSource("row", source).load()


def test_a_hugging_face_folder_without_its_extractor_is_refused(checkpoints, tmp_path):
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(UpstreamError, match=r"preprocessor_config\.json"):
        UpstreamSource("row", f"hf_hubert:{tmp_path}").check()


@pytest.mark.parametrize("kind", FILE_ENTRIES)
def test_a_file_of_another_kind_is_named(kind, tmp_path):
    torch.save({"something": torch.zeros(1)}, tmp_path / "other.pt")
    (tmp_path / "garbage.pt").write_bytes(b"no checkpoint at all")
    for file in ("other.pt", "garbage.pt"):
        with pytest.raises(UpstreamError, match=f"{file} is no {kind} upstream"):
            UpstreamSource("row", f"{kind}:{tmp_path / file}").load()
    with pytest.raises(BackboneError, match=r"other\.pt"):
        UpstreamSource("row", f"emotion2vec:{tmp_path / 'other.pt'}").load()


def test_fingerprints_tell_weights_and_options_apart(checkpoints, tmp_path):
    copy = tmp_path / "renamed.pt"
    copy.write_bytes(checkpoints["wavlm"].read_bytes())
    first, moved = (UpstreamSource("a", f"wavlm:{checkpoints['wavlm']}"), UpstreamSource("b", f"wavlm:{copy}"))
    assert first.fingerprint() == moved.fingerprint()
    content = torch.load(copy, weights_only=True)
    content["model"]["mask_emb"] += 1
    torch.save(content, copy)
    prints = [
        source.fingerprint()
        for source in (
            first,
            moved,
            random_source(),
            random_source(seed=1),
            UpstreamSource("f", "fbank"),
            UpstreamSource("m", "mfcc"),
            UpstreamSource("w", f"whisper:{checkpoints['whisper']}"),
            UpstreamSource("w", f"whisper:{checkpoints['whisper']}", pad_to_30s=True),
        )
    ]
    assert len(set(prints)) == len(prints)


def test_clips_that_do_not_fit_are_told_apart_before_and_refused(checkpoints):
    whisper = UpstreamSource("w", f"whisper:{checkpoints['whisper']}").load()
    assert "longer" in whisper.objection(31 * 16_000)
    ours = random_source().load()
    assert ours.objection(400) is None
    with pytest.raises(ValueError, match="shorter"):
        ours.extract(torch.zeros(1, 399), [399])
