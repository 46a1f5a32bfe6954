"""Parity with the released perception path at a tiny size (fixture: numbers only), and invariance to padding."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from c2ser_lightning.models.connector import CausalDownsampler, Connector, ConnectorSettings

FIXTURE = Path(__file__).parent.parent / "fixtures" / "connector_tiny"
LAYER = {
    "query": "self_attn.linear_q",
    "key": "self_attn.linear_k",
    "value": "self_attn.linear_v",
    "out": "self_attn.linear_out",
    "expand": "feed_forward.w_1",
    "contract": "feed_forward.w_2",
    "attention_norm": "norm1",
    "ffn_norm": "norm2",
}


@pytest.fixture(scope="module")
def tensors():
    return load_file(FIXTURE / "tensors.safetensors")


@pytest.fixture(scope="module")
def connector():
    released = load_file(FIXTURE / "state_dict.safetensors")
    names = {
        "input": "speech_transformer.embed.out.0",
        "input_norm": "speech_transformer.embed.out.1",
        "output_norm": "speech_transformer.after_norm",
        "output": "speech_llama_proj",
        **{f"downsampler.convolutions.{i}": f"down_sample_2.conv.{k}" for i, k in enumerate((1, 4, 7))},
        **{
            f"layers.{i}.{ours}": f"speech_transformer.encoders.{i}.{theirs}"
            for i in range(4)
            for ours, theirs in LAYER.items()
        },
    }
    module = Connector(ConnectorSettings(ffn=80), semantic=32, acoustic=24, output=40)
    module.load_state_dict({f"{o}.{p}": released[f"{t}.{p}"] for o, t in names.items() for p in ("weight", "bias")})
    return module.eval()


@torch.no_grad()
def test_every_stored_tensor_within_1e5(connector, tensors):
    frames, mask = tensors["whisper_out"], tensors["whisper_mask"][:, 0]
    down, down_mask = connector.downsampler(frames, mask)
    assert torch.equal(down_mask, tensors["downsampled_mask"][:, 0])
    torch.testing.assert_close(down[down_mask], tensors["downsampled"][down_mask], atol=1e-5, rtol=0)
    acoustic = (tensors["ssl"][..., :24], torch.ones(2, 10, dtype=torch.bool))
    fused, valid = connector._fuse((frames, mask), acoustic)
    torch.testing.assert_close(fused[valid], tensors["connector_in"][valid], atol=1e-5, rtol=0)
    hidden, _ = connector.transform(fused, valid)
    torch.testing.assert_close(hidden[valid], tensors["connector_out"][valid], atol=1e-5, rtol=0)
    projected, _ = connector((frames, mask), acoustic)
    torch.testing.assert_close(projected[valid], tensors["projected"][valid], atol=1e-5, rtol=0)


@torch.no_grad()
@pytest.mark.parametrize("frames", [1, 2, 7, 30])
def test_padding_does_not_change_valid_positions(connector, frames):
    torch.manual_seed(frames)
    semantic, acoustic = torch.randn(1, frames, 32), torch.randn(1, 10, 24)
    tokens = torch.ones(1, 10, dtype=torch.bool)
    alone, valid = connector((semantic, torch.ones(1, frames, dtype=torch.bool)), (acoustic, tokens))
    padded = torch.cat([semantic, torch.randn(1, 21, 32)], dim=1)
    mask = torch.arange(frames + 21).unsqueeze(0) < frames
    batched, batched_valid = connector((padded, mask), (acoustic, tokens))
    assert int(valid.sum()) == int(batched_valid.sum()) == connector.output_length(frames, 10)
    torch.testing.assert_close(batched[batched_valid], alone[valid], atol=1e-5, rtol=0)


def test_downsampler_length_is_what_it_returns():
    module = CausalDownsampler(4)
    for frames in range(1, 20):
        output, mask = module(torch.randn(1, frames, 4), torch.ones(1, frames, dtype=torch.bool))
        assert output.shape[1] == mask.shape[1] == CausalDownsampler.output_length(frames)


def test_either_input_may_be_left_out_but_not_both():
    settings = ConnectorSettings(layers=1, ffn=8, width=16)
    only_acoustic = Connector(settings, semantic=None, acoustic=12, output=8)
    assert only_acoustic(None, (torch.randn(2, 3, 12), torch.ones(2, 3, dtype=torch.bool)))[0].shape == (2, 3, 8)
    only_semantic = Connector(settings, semantic=16, acoustic=None, output=8)
    assert only_semantic((torch.randn(2, 9, 16), torch.ones(2, 9, dtype=torch.bool)), None)[0].shape == (2, 3, 8)
    with pytest.raises(ValueError, match="needs Whisper"):
        Connector(settings, semantic=None, acoustic=None, output=8)


def test_acoustic_vectors_too_wide_to_pad_need_a_projection():
    with pytest.raises(ValueError, match="acoustic_input: linear"):
        Connector(ConnectorSettings(layers=1), semantic=16, acoustic=32, output=8)
    Connector(ConnectorSettings(layers=1, acoustic_input="linear"), semantic=16, acoustic=32, output=8)
