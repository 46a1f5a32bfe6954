import pytest
import torch

from c2ser_lightning.models.emotion2vec import Emotion2Vec, Emotion2VecConfig
from c2ser_lightning.models.emotion2vec.pooling import mean_frames, pool
from tests.tiny import emotion2vec_config


@pytest.fixture(scope="module")
def model():
    torch.manual_seed(0)
    return Emotion2Vec(emotion2vec_config(exact_padding=True)).eval()


def padded(clips: list[torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
    length = max(map(len, clips))
    waveforms = torch.stack([torch.nn.functional.pad(clip, (0, length - len(clip))) for clip in clips])
    return waveforms, torch.arange(length) >= torch.tensor([[len(clip)] for clip in clips])


@torch.no_grad()
def test_an_utterance_gets_the_same_features_alone_and_in_a_batch_of_eight(model):
    clips = [torch.randn(samples) * 0.1 for samples in (16_000, 3_300, 7_777, 12_001, 9_000, 4_321, 15_999, 8_000)]
    together = model.extract_features(*padded(clips))
    for row, clip in enumerate(clips):
        alone = model.extract_features(clip.unsqueeze(0))
        frames = alone.frames.shape[1]
        assert int((~together.padding_mask[row]).sum()) == frames == model.config.output_length(len(clip))
        torch.testing.assert_close(together.frames[row, :frames], alone.frames[0], atol=1e-4, rtol=0)
        torch.testing.assert_close(together.utterance_tokens[row], alone.utterance_tokens[0], atol=1e-4, rtol=0)


@torch.no_grad()
def test_released_behaviour_lets_padding_leak():
    torch.manual_seed(0)
    leaking = Emotion2Vec(emotion2vec_config()).eval()
    clips = [torch.randn(16_000), torch.randn(7_000)]
    together = leaking.extract_features(*padded(clips)).frames[1]
    alone = leaking.extract_features(clips[1].unsqueeze(0)).frames[0]
    leak = (together[: len(alone)] - alone).abs().amax(1)
    assert leak.max() > 1e-3
    leaking.set_exact_padding(True)
    exact = leaking.extract_features(*padded(clips)).frames[1, : len(alone)]
    torch.testing.assert_close(exact, alone, atol=1e-4, rtol=0)


@torch.no_grad()
def test_loudness_does_not_matter_because_waveforms_are_normalised(model):
    clip = torch.randn(1, 8_000)
    quiet, loud = (model.extract_features(clip * gain).frames for gain in (0.1, 1.0))
    torch.testing.assert_close(quiet, loud, atol=1e-2, rtol=0)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ((torch.zeros(1, 8_000), None, 44_100), "16000 samples a second, not 44100"),
        ((torch.zeros(8_000), None, 16_000), r"expected float waveforms \[B, S\], got \(8000,\)"),
        ((torch.zeros(1, 8_000, dtype=torch.int16), None, 16_000), "of torch.int16"),
        ((torch.zeros(2, 8_000), torch.zeros(2, 49, dtype=torch.bool), 16_000), "the mask is over samples"),
        ((torch.zeros(1, 399), None, 16_000), "one frame needs 400"),
    ],
)
def test_input_that_cannot_be_encoded_says_why(model, arguments, complaint):
    waveform, padding_mask, sample_rate = arguments
    with pytest.raises(ValueError, match=complaint):
        model.extract_features(waveform, padding_mask, sample_rate=sample_rate)


@torch.no_grad()
def test_one_damaged_clip_does_not_spoil_its_neighbours(model):
    clips = [torch.randn(8_000), torch.randn(8_000)]
    clips[1][100] = float("nan")
    frames = model.extract_features(*padded(clips)).frames
    assert frames[0].isfinite().all()
    assert frames[1].isnan().any()


@torch.no_grad()
def test_pooling_gives_what_it_names(model):
    features = model.extract_features(*padded([torch.randn(8_000), torch.randn(5_000)]))
    assert torch.equal(pool(features, "tokens")[0], features.utterance_tokens)
    assert torch.equal(pool(features, "first_frames")[0], features.frames[:, :10])
    valid = int((~features.padding_mask[1]).sum())
    torch.testing.assert_close(pool(features, "mean")[0][1, 0], features.frames[1, :valid].mean(0))
    torch.testing.assert_close(mean_frames(features)[0], features.frames[0].mean(0))


def test_base_size_has_the_released_number_of_parameters():
    with torch.device("meta"):
        model = Emotion2Vec(Emotion2VecConfig(), with_decoder=True)
    assert sum(weight.numel() for weight in model.parameters()) == 93_790_988
    assert sum(weight.numel() for weight in model.decoder.parameters()) == 619_776


@pytest.mark.parametrize(("samples", "frames"), [(65_621, 204), (182_272, 569)])
def test_frame_counts_of_the_released_dumps(samples, frames):
    assert Emotion2VecConfig().output_length(samples) == frames
