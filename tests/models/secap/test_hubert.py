"""The frozen HuBERT: the frames of transformers' own pipeline for one clip, and the same ones in any batch."""

import pytest
import torch
from transformers import HubertModel, Wav2Vec2FeatureExtractor

from c2ser_lightning.models.backbone import BackboneError
from c2ser_lightning.models.secap.hubert import HubertPerception, HubertSettings
from tests.tiny import hubert_folder, speech

SECONDS = [1.0, 0.33, 0.71, 0.5]


def tiny(norm: str = "layer", **changes) -> HubertPerception:
    torch.manual_seed(0)
    settings = HubertSettings(
        source=None, width=32, layers=2, heads=4, ffn=64, convolution_width=16, convolution_norm=norm, **changes
    )
    return HubertPerception(settings)


@pytest.mark.parametrize("norm", ["layer", "group"])
def test_a_clip_alone_gets_the_frames_of_transformers(norm):
    hubert, clips = tiny(norm), speech([0.8])
    extractor = Wav2Vec2FeatureExtractor(do_normalize=True)
    inputs = extractor(clips.waveforms[0].numpy(), sampling_rate=16_000, return_tensors="pt")
    expected = hubert.encoder(**inputs).last_hidden_state
    frames, valid = hubert(clips.waveforms, clips.lengths)
    torch.testing.assert_close(frames, expected, atol=1e-5, rtol=0)
    assert valid.all()


@pytest.mark.parametrize("norm", ["layer", "group"])
def test_frames_do_not_depend_on_the_batch(norm):
    hubert, clips = tiny(norm), speech(SECONDS)
    frames, valid = hubert(clips.waveforms, clips.lengths)
    assert frames.shape == (4, 49, 32)
    for row, length in enumerate(clips.lengths):
        own, _ = hubert(clips.waveforms[row : row + 1, :length], [length])
        assert valid[row].sum() == own.shape[1] == hubert.output_length(length)
        torch.testing.assert_close(frames[row, : own.shape[1]], own[0], atol=2e-5, rtol=0)


def test_loudness_only_counts_without_normalisation():
    clips = speech([0.5])
    for normalize, same in ((True, True), (False, False)):
        hubert = tiny(normalize=normalize)
        loud, soft = (hubert(gain * clips.waveforms, clips.lengths)[0] for gain in (1.0, 0.1))
        assert torch.allclose(loud, soft, atol=1e-3) == same


def test_a_clip_shorter_than_a_frame_still_has_one():
    hubert = tiny()
    frames, valid = hubert(torch.randn(2, 500), [100, 500])
    assert hubert.receptive_field == 400
    assert valid.sum(1).tolist() == [1, 1]
    alone, _ = hubert(torch.cat([torch.randn(1, 0), frames.new_ones(1, 100)], 1), [100])
    assert alone.shape == (1, 1, 32)
    assert torch.isfinite(frames).all()


def test_it_is_frozen_and_never_trains():
    hubert = tiny().train()
    assert not any(weight.requires_grad for weight in hubert.parameters())
    assert not any(module.training for module in hubert.modules())
    waveforms = torch.randn(1, 8000, requires_grad=True)
    assert not hubert(waveforms, [8000])[0].requires_grad


def test_older_files_of_weights_are_read(tmp_path):
    folder = hubert_folder(tmp_path / "new")
    model = HubertModel.from_pretrained(folder)
    (tmp_path / "old").mkdir()
    model.config.save_pretrained(tmp_path / "old")
    torch.save(model.state_dict(), tmp_path / "old" / "pytorch_model.bin")
    clips = speech([0.4])
    new, old = (HubertPerception(HubertSettings(source=str(tmp_path / name))) for name in ("new", "old"))
    torch.testing.assert_close(new(clips.waveforms, clips.lengths)[0], old(clips.waveforms, clips.lengths)[0])


def test_a_folder_without_a_whole_hubert_is_named(tmp_path):
    (tmp_path / "config.json").write_text('{"model_type": "hubert"}')
    with pytest.raises(BackboneError, match="cannot be read as a HubertModel"):
        HubertPerception(HubertSettings(source=str(tmp_path)))
    model = HubertModel.from_pretrained(hubert_folder(tmp_path / "whole"))
    weights = model.state_dict()
    del weights["encoder.layers.0.attention.k_proj.weight"], weights["masked_spec_embed"]
    model.save_pretrained(tmp_path / "part", state_dict=weights)
    with pytest.raises(BackboneError, match=r"part lacks 1 weights of a HubertModel, such as encoder.layers.0"):
        HubertPerception(HubertSettings(source=str(tmp_path / "part")))
