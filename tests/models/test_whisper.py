import pytest
import torch
from safetensors.torch import save_file
from transformers import WhisperConfig, WhisperFeatureExtractor
from transformers.models.whisper.modeling_whisper import WhisperEncoder

from c2ser_lightning.models.backbone import BackboneError
from c2ser_lightning.models.log_mel import LogMel
from c2ser_lightning.models.whisper import WhisperPerception, WhisperSettings
from tests.shards import tone

TINY = {"width": 32, "layers": 2, "heads": 4, "ffn": 64}


@pytest.fixture(scope="module")
def whisper():
    torch.manual_seed(0)
    return WhisperPerception(WhisperSettings(source=None, **TINY)).eval()


def clip(seconds: float, seed: int = 3) -> torch.Tensor:
    return torch.from_numpy(tone(seed, seconds))


def test_log_mel_equals_transformers_feature_extractor():
    waveform = clip(1.3)
    mel, valid = LogMel(80)(waveform.unsqueeze(0), [len(waveform)])
    expected = (
        WhisperFeatureExtractor()(waveform.numpy(), sampling_rate=16_000, return_tensors="pt").input_features[0].T
    )
    assert valid.all()
    torch.testing.assert_close(mel[0], expected[: mel.shape[1]], atol=2e-5, rtol=0)


@torch.no_grad()
@pytest.mark.parametrize("samples", [3_200, 9_999, 16_001, 20_170])
def test_a_clip_gets_the_same_frames_alone_and_padded(whisper, samples):
    long, short = clip(1.7), clip(1.7, seed=5)[:samples]
    batch = torch.zeros(2, len(long))
    batch[0], batch[1, :samples] = long, short
    together, valid = whisper(batch, [len(long), samples])
    alone, alone_valid = whisper(short.unsqueeze(0), [samples])
    assert int(valid[1].sum()) == alone.shape[1] == WhisperPerception.output_length(samples)
    assert alone_valid.all()
    torch.testing.assert_close(together[1, : alone.shape[1]], alone[0], atol=1e-5, rtol=0)


@torch.no_grad()
def test_pad_to_30s_equals_transformers_encoder(whisper):
    waveform = clip(1.0)
    settings = WhisperSettings(source=None, pad_to_30s=True, **TINY)
    padded = WhisperPerception(settings).eval()
    padded.load_state_dict(whisper.state_dict())
    features = WhisperFeatureExtractor()(waveform.numpy(), sampling_rate=16_000, return_tensors="pt").input_features
    expected = padded.encoder(features).last_hidden_state[:, :50]
    frames, valid = padded(waveform.unsqueeze(0), [16_000])
    assert valid.all()
    torch.testing.assert_close(frames, expected, atol=1e-4, rtol=0)
    true_length, _ = whisper(waveform.unsqueeze(0), [16_000])
    assert (true_length - frames).abs().max() > 1e-3


def test_a_frozen_encoder_stays_in_eval_mode_and_gives_no_gradient(whisper):
    whisper.train()
    assert not whisper.encoder.training
    frames, _ = whisper(clip(0.5).unsqueeze(0), [8_000])
    assert not frames.requires_grad
    trainable = WhisperPerception(WhisperSettings(source=None, trainable=True, **TINY)).train()
    assert trainable(clip(0.5).unsqueeze(0), [8_000])[0].requires_grad


@pytest.mark.parametrize("prefix", ["", "encoder.", "model.encoder."])
def test_folders_load_whatever_their_prefix_and_type(tmp_path, prefix):
    config = WhisperConfig(d_model=32, encoder_layers=1, encoder_attention_heads=4, encoder_ffn_dim=64)
    encoder = WhisperEncoder(config)
    config.save_pretrained(tmp_path)
    weights = {prefix + name: value.half().contiguous() for name, value in encoder.state_dict().items()}
    save_file(weights | {"model.decoder.layers.0.fc1.weight": torch.zeros(2)}, tmp_path / "any_name.safetensors")
    loaded = WhisperPerception(WhisperSettings(source=str(tmp_path)))
    assert loaded.width == 32
    torch.testing.assert_close(loaded.encoder.conv1.weight, encoder.conv1.weight, atol=1e-3, rtol=0)


def test_an_incomplete_folder_names_what_is_missing(tmp_path):
    config = WhisperConfig(d_model=32, encoder_layers=1, encoder_attention_heads=4, encoder_ffn_dim=64)
    config.save_pretrained(tmp_path)
    save_file({"conv1.bias": torch.zeros(32)}, tmp_path / "model.safetensors")
    with pytest.raises(BackboneError, match=r"such as conv1\.weight"):
        WhisperPerception(WhisperSettings(source=str(tmp_path)))


def test_a_missing_folder_is_not_looked_for_on_the_hub(tmp_path):
    with pytest.raises(BackboneError, match="no such folder"):
        WhisperPerception(WhisperSettings(source=str(tmp_path / "nowhere")))


def test_more_than_30_seconds_is_refused(whisper):
    with pytest.raises(ValueError, match="exceeds Whisper's 30 s"):
        whisper(torch.zeros(1, 31 * 16_000), [31 * 16_000])
