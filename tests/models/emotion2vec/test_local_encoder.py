import pytest
import torch

from c2ser_lightning.models.emotion2vec import Emotion2Vec
from c2ser_lightning.models.emotion2vec.local_encoder import LocalEncoder, frame_norm, normalize_waveforms
from tests.tiny import emotion2vec_config


def test_equals_a_stack_of_plain_convolutions_with_its_gradients():
    encoder = LocalEncoder(emotion2vec_config())
    waveforms = torch.randn(2, 3_210)
    hidden = waveforms.unsqueeze(1)
    for convolution, norm in zip(encoder.convolutions, encoder.norms, strict=True):
        hidden = torch.nn.functional.gelu(norm(convolution(hidden).transpose(1, 2))).transpose(1, 2)
    plain = encoder.projection(encoder.projection_norm(hidden.transpose(1, 2)))
    own = encoder(waveforms)
    torch.testing.assert_close(own, plain, atol=1e-5, rtol=1e-4)
    weights = list(encoder.parameters())
    shown = torch.randn_like(own)
    for actual, expected in zip(
        torch.autograd.grad((own * shown).sum(), weights),
        torch.autograd.grad((plain * shown).sum(), weights),
        strict=True,
    ):
        torch.testing.assert_close(actual, expected, atol=1e-3, rtol=1e-3)


def test_norms_run_in_float32_under_half_precision():
    frames = torch.randn(1, 3, 64, dtype=torch.bfloat16) * 300
    exact = torch.nn.functional.layer_norm(frames.float(), (64,)).to(torch.bfloat16)
    assert frame_norm(frames).dtype == torch.bfloat16
    assert torch.equal(frame_norm(frames), exact)


def test_waveforms_are_normalised_over_their_own_samples_only():
    clips = [torch.randn(400) * 3 + 1, torch.randn(250)]
    waveforms = torch.nn.utils.rnn.pad_sequence(clips, batch_first=True)
    padding = torch.arange(400) >= torch.tensor([[400], [250]])
    normalised = normalize_waveforms(waveforms, padding)
    for row, clip in enumerate(clips):
        expected = torch.nn.functional.layer_norm(clip, clip.shape)
        torch.testing.assert_close(normalised[row, : len(clip)], expected, atol=1e-5, rtol=0)
    assert normalised[1, 250:].abs().max() == 0


def test_a_clip_without_a_frame_is_an_error_and_the_shortest_one_has_one():
    model = Emotion2Vec(emotion2vec_config()).eval()
    assert model.config.receptive_field == 400
    assert model.config.output_length(400) == 1
    assert model.config.output_length(399) == 0
    assert model.extract_features(torch.randn(1, 400)).frames.shape[1] == 1
    with pytest.raises(ValueError, match="399 samples at 16 kHz are too few: one frame needs 400"):
        model.extract_features(torch.randn(1, 399))


@torch.no_grad()
def test_a_frameless_clip_beside_a_long_one_gives_finite_numbers():
    model = Emotion2Vec(emotion2vec_config()).eval()
    padding = torch.arange(4_000) >= torch.tensor([[4_000], [100]])
    features = model.extract_features(torch.randn(2, 4_000), padding)
    assert features.padding_mask[1].all()
    assert features.utterance_tokens.isfinite().all()
